"""``python -m runtime_proxy`` and the ``mesh-proxy`` script."""

from runtime_proxy.cli.main import main

if __name__ == "__main__":
    main()
