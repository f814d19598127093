"""Makes the report. `cargo xtask report` runs it in the workspace's root, with the Typst compiler on the path of Python.

Nothing of the machine is in the PDF: the compiler's own fonts alone are used, and its date is that of the newest data.
"""

import datetime
import json
import pathlib
import sys

import typst

FOLDER = pathlib.Path("docs/report")

dates = [
    part["measured"]["date"]
    for file in (FOLDER / "data").glob("*.json")
    for part in json.loads(file.read_text()).values()
]
newest = datetime.datetime.fromisoformat(max(dates)).replace(tzinfo=datetime.timezone.utc)

try:
    pdf, warnings = typst.Compiler(root=".", ignore_system_fonts=True).compile_with_warnings(
        FOLDER / "report.typ", format="pdf", timestamp=newest, pdf_standards=["1.7", "ua-1"]
    )
except typst.TypstError as error:
    sys.exit(error.diagnostic or error.message)
for warning in warnings:
    print(warning.diagnostic or warning.message, file=sys.stderr)
if warnings:
    sys.exit("the report is to be made without a warning")
(FOLDER / "report.pdf").write_bytes(pdf)
