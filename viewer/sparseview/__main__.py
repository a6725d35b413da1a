"""`python -m sparseview`: the same as the command `sparseview`."""

from sparseview.cli.main import main

if __name__ == "__main__":
    main()
