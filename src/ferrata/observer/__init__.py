"""The observer: runs a notebook's statements in the author's environment and writes down what each of them did.

Plain Python 3.8+, no dependencies, and no import of the package around it: the folder is sent to wherever the author's interpreter is and started as
`python <folder> job.json`. See README.md here for the job and the protocol.
"""
