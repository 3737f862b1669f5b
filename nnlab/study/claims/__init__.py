"""The studies that come with nnlab, one file each; `STUDY` in each file is the study."""
