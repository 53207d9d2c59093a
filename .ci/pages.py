"""Runs the Python of the cookbook: the blocks of docs/cookbook/polars.md and pandas.md, and the notebook, as its readers would, in a folder
with a store of the samples. pages.py STORE"""
import os
import pathlib
import re
import sys

store = pathlib.Path(sys.argv[1]).absolute()
folder = pathlib.Path(__file__).resolve().parent.parent / "docs/cookbook"
assert store.name == "store", "the pages say `store`"
os.chdir(store.parent)
for page in ["polars.md", "pandas.md"]:
    blocks = re.findall(r"^```python\n(.*?)^```$", (folder / page).read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) >= 4, page
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    print(f"{page}: {len(blocks)} blocks run")

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(folder / "first-steps.ipynb", as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(store.parent)}}).execute()
shown = [c for c in notebook.cells if c.cell_type == "code"]
assert all(c.outputs for c in shown), [c.source for c in shown if not c.outputs]
print(f"first-steps.ipynb: {len(shown)} cells run")
