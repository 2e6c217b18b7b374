"""sections.py HEADER: nothing in the header uses what a later section defines.  Sections are known by their marks, /* ==== [n]; a name by
where it is first defined or declared.  Prints what breaks the order, and exits with 1."""
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
code = re.sub(r"/\*.*?\*/", lambda m: m.group(0) if re.match(r"/\* =+ \[", m.group(0)) else "\n" * m.group(0).count("\n"), text, flags=re.S)
code = re.sub(r"/\* =+ (\[\d+\]).*?\*/", lambda m: "@" + m.group(1) + "\n" * m.group(0).count("\n"), code, flags=re.S)
code = re.sub(r'"(\\.|[^"\\\n])*"', '""', code)
code = re.sub(r"(?m)^( *# *(error|warning)).*$", r"\1", code)

section, lines = 0, []                          # (section, number, line)
for number, line in enumerate(code.split("\n"), 1):
    mark = re.match(r"@\[(\d+)\]", line)
    if mark:
        section = int(mark.group(1))
        line = ""
    lines.append((section, number, line))
if section < 10:
    sys.exit("sections.py: no marks of sections were found")

DEFINES = (
    r"^ *# *define (\w+)",                                      # a macro
    r"^(?:AIOT_I_[A-Z]+|static|extern|bool|int|void|aiot_\w+|template.*?>)\b[^=;]*?\b(aiot_\w+)\(",   # a function
    r"^(?:typedef )?(?:struct|union|enum) (aiot_\w+)",          # a type
    r"^\} (aiot_\w+);",
    r"^typedef [^;]*?\b(aiot_\w+);",
    r"^typedef [^;]*?\(\*(aiot_\w+)\)",
)
defined = {}                                    # name: section
inside_enum = False
for section, number, line in lines:
    if section == 0:
        continue
    names = [m.group(1) for pattern in DEFINES for m in re.finditer(pattern, line)]
    inside_enum = inside_enum or bool(re.match(r"^ *(typedef )?enum\b", line))
    if inside_enum:
        names += re.findall(r"\b(AIOT_\w+)\b", line)
        inside_enum = "}" not in line
    for name in names:
        defined.setdefault(name, section)

broken = 0
for section, number, line in lines:
    if section == 0:
        continue
    for name in re.findall(r"\b(?:aiot|AIOT)_\w+", line):
        if defined.get(name, 0) > section:
            print(f"line {number}: section {section} uses {name}, which section {defined[name]} defines")
            broken += 1
sys.exit(1 if broken else 0)
