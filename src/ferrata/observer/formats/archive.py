"""Zip archives whose bytes depend on nothing but what is in them; the functions are copied beside the formats that use them.

They are stored, not compressed: builds of zlib differ in their bytes.
"""


def write_archive(path, files):
    """Write a zip archive of names and their bytes, without the time of day."""
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def read_archive(file):
    """The names in a zip archive and their bytes."""
    import zipfile

    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
