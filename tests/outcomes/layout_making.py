"""The made tables in the layouts of the releases: workbooks with lines above the titles, the separated texts of older years."""

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from making import Row

PREAMBLE = (
    ("ERO-LESA Statistical Tracking Unit",),
    ("For Official Use Only (FOUO)/Pre-decisional",),
    ("2099-ICLI-00001 SYNTHETIC",),
    (),
    ("ERO Detainers",),
    (),
)
WITHHELD = "b(6), b(7)c"
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - as Excel counts days

# how a column is titled in a release; what is not named here has its name with capitals (`Facility City`)
TITLES_2026 = {
    "detainer_prepared_criminality": "Detainer Criminality",
    "detention_facility": "Detainer Facility",
    "detention_facility_code": "Detainer Facility Code",
    "detainer_prep_threat_level": "Detainer Threat Level",
    "most_serious_conviction_charge": "MSC Charge",
    "felon": "Aggravated Felon Yes No",
    "federal_interest_yes_no": "Federal Register Notice Yes No",
    "order_show_cause_served_yes_no": "Order to Show Cause Served Yes No",
    "facility_aor": "Facility AOR",
    "msc_charge_code": "MSC Charge Code",
    "msc_charge_date": "MSC Charge Date",
    "msc_sentence_days": "MSC Sentence Days",
    "msc_sentence_months": "MSC Sentence Months",
    "msc_sentence_years": "MSC Sentence Years",
    "tod_current_duty_site": "TOD Current Duty Site",
    "unique_identifier": "Anonymized Identifier",
}
TITLES_2025 = {
    "facility_aor": "Facility AOR",
    "most_serious_conviction_charge": "Most Serious Conviction (MSC) Charge",
    "msc_charge_code": "MSC Charge Code",
    "msc_charge_date": "MSC Charge Date",
    "msc_sentence_days": "MSC Sentence Days",
    "msc_sentence_months": "MSC Sentence Months",
    "msc_sentence_years": "MSC Sentence Years",
    "order_show_cause_served_yes_no": "Order to Show Cause Served Yes No",
    "final_order_yes_no": "Case Final Order Yes No",
}
TITLES_MID_2026 = {
    "detainer_prepare_date": "Detainer Prepared Date",
    "detainer_prep_threat_level": "Detainer Prepared Threat Level",
    "facility_aor": "AOR",
    "facility_city": "City",
    "facility_state": "State",
    "most_serious_conviction_charge": "MSC Charge",
    "msc_sentence_months": "Sentence Months",
    "unique_identifier": "Anonymized Unique Identifier",
    "order_show_cause_served_yes_no": "Order to Show Cause Served Yes No",
}
TITLES_2015 = {
    "detainer_prepare_date": "Prepare Date",
    "detainer_lift_reason": "Detainer Lift Reason",
    "detention_facility": "Detainer Detention Facility",
    "facility_city": "City",
    "facility_state": "State",
    "detainer_type": "Detainer Type",
}
_OURS = ("duplicate_likely", "file_original", "sheet_original", "row_original")


def titled(columns: Iterable[str], titles: Mapping[str, str]) -> dict[str, str]:
    """Return the title of each column as the release has it."""
    return {name: titles.get(name, name.replace("_", " ").title()) for name in columns if name not in _OURS}


def american(value: Any) -> str:
    """Return a value as the older texts write it: 10/1/2015, 10/1/2015 13:05."""
    if isinstance(value, dt.datetime):
        return f"{value.month}/{value.day}/{value.year} {value.hour}:{value.minute:02}"
    if isinstance(value, dt.date):
        return f"{value.month}/{value.day}/{value.year}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def table_of(
    rows: Sequence[Row],
    titles: Mapping[str, str],
    above: Sequence[Sequence[Any]] = PREAMBLE,
    withheld: Sequence[str] = ("Birth Date", "EID DTA ID"),
) -> list[list[Any]]:
    """Return a sheet: the lines above, the titles (with those of withheld columns), and the rows as values."""
    body = [[row.get(name) for name in titles] + [WITHHELD] * len(withheld) for row in rows]
    return [*map(list, above), [*titles.values(), *withheld], *body]


def write_text(
    path: Path,
    sheet: Sequence[Sequence[Any]],
    separator: str = ",",
    encoding: str = "utf-8",
    quote_all: bool = False,
) -> Path:
    """Write a sheet as separated text, packed when the name says so; lines above have as many separators as the titles."""
    width = max(map(len, sheet))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows([*map(american, row), *[""] * (width - len(row))] for row in sheet)
    data = out.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Write a workbook with the least that Excel needs; days and moments are numbers with a date's format, as Excel has them."""
    names = list(sheets)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    numbered = list(enumerate(names, 1))
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"/>' for at, name in numbered)
    links = [(f"r{at}", "worksheet", f"worksheets/sheet{at}.xml") for at, _ in numbered] + [("s", "styles", "styles.xml")]
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations(package, office, [("r0", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(package, office, links),
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="3">{formats}</cellXfs></styleSheet>',
    }
    for at, name in enumerate(names, 1):
        rows = "".join(f'<row r="{number}">{_cells(row, number)}</row>' for number, row in enumerate(sheets[name], 1))
        parts[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for part, text in parts.items():
            book.writestr(part, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return path


def _relations(package: str, office: str, links: Iterable[tuple[str, str, str]]) -> str:
    each = "".join(f'<Relationship Id="{name}" Type="{office}/{kind}" Target="{target}"/>' for name, kind, target in links)
    return f'<Relationships xmlns="{package}/relationships">{each}</Relationships>'


def _cells(row: Sequence[Any], number: int) -> str:
    return "".join(_cell(value, f"{_letters(at)}{number}") for at, value in enumerate(row) if value is not None)


def _cell(value: Any, at: str) -> str:
    if isinstance(value, dt.datetime | dt.date):
        moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
        days = (moment.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
        return f'<c r="{at}" s="{2 if isinstance(value, dt.datetime) else 1}"><v>{days}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _letters(at: int) -> str:
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)
