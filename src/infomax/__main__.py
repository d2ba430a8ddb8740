"""``python -m infomax`` is the command ``infomax``."""

from infomax.cli import main

if __name__ == "__main__":
    main()
