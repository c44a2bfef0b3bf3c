"""Change one entry in the text of a configuration file, and leave every other character as it is."""
