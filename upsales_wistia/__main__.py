"""``python -m upsales_wistia``."""

from .cli import main

if __name__ == "__main__":
    main()
