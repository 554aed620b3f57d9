"""``python -m mesh_compiler`` and the ``meshc`` script."""

from mesh_compiler.cli.main import main

if __name__ == "__main__":
    main()
