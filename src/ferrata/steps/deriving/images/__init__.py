"""Where files of images are read one after the other, and the same statements for the images that are asked about."""
