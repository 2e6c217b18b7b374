"""docs.py HEADER FOLDER: the header's comments as manual pages, FOLDER/man3/NAME.3, and as one page with a search, FOLDER/index.html.
docs.py HEADER --check: every public name is documented in one place, and says what it returns or raises.  Prints what is missing.

A comment that stands at the margin begins an article.  It documents the public names that it mentions and that are defined in its
section, and those that are defined right behind it."""
import html
import os
import re
import sys
import textwrap

text = open(sys.argv[1], encoding="utf-8").read()
VERSION = ".".join(re.findall(r"#define AIOT_VERSION_[A-Z]+ (\d+)", text)[:3])
BANNER = text[:text.index("CONTENTS")]
OPTIONS = [name for line in re.findall(r"(?m)^ \*    (AIOT_.*?)(?:  |:|$)", BANNER) for name in re.findall(r"\bAIOT_[A-Z_]+", line)]


def unwrap(comment):
    """The text of a comment, without its frame."""
    lines = comment[2:-2].split("\n")
    return "\n".join([lines[0].strip()] + [re.sub(r"^ \*(?: |$)", "", line).rstrip() for line in lines[1:]]).strip()


class Article:
    def __init__(self, section, comment, code):
        self.section, self.text, self.code = section, unwrap(comment), code
        self.names = []                         # (name, declaration)


def declarations(code):
    """The public names that code defines, each with its declaration, in order."""
    found = {}
    code = re.sub(r"\\\n", " ", re.sub(r"/\*.*?\*/", "", code, flags=re.S))
    code = re.sub(r"(?m)^(AIOT_I_\w+ .*,)\n +", r"\1 ", code)         # a parameter list of two lines
    for line in code.split("\n"):
        macro = re.match(r"#define ((?:AIOT|aiot)_\w+)(\([^)]*\))?", line)
        function = re.match(r"(?:AIOT_I_\w+ |extern |static inline )(?!AIOT_CORO)([^=;{]*?\b(aiot_\w+)\(.*?\))(?: *\{.*)?$", line)
        coroutine = re.match(r"struct (aiot_\w+) (\{.*\});", line)
        kind = re.match(r"(?:typedef .*?\(\*(aiot_\w+)\)|typedef [^{]*?\b(aiot_\w+);|\} (aiot_\w+);|typedef struct (aiot_\w+) \{|enum (aiot_\w+) \{)", line)
        if macro:
            found.setdefault(macro.group(1), macro.group(1) + (macro.group(2) or ""))
        elif function:
            found.setdefault(function.group(2), function.group(1) + ";")
        elif coroutine:
            found[coroutine.group(1)] = f"coroutine: struct {coroutine.group(1)} {coroutine.group(2)};"
        elif kind:
            name = next(filter(None, kind.groups()))
            found.setdefault(name, line.rstrip(" {") if "(*" in line else "type " + name)
        if re.match(r"(?:typedef )?enum \w* *\{.*\}", line):
            found.update((name, name) for name in re.findall(r"\bAIOT_(?!I_)\w+", line))
        wait = re.match(r"AIOT_I_(WAIT|BARRIER)_CORO\((aiot_\w+), (\w+)", line)
        if wait:
            kind = "barrier" if wait.group(1) == "BARRIER" else wait.group(3)
            found[wait.group(2)] = f"coroutine: struct {wait.group(2)} {{ AIOT_FRAME; aiot_{kind} *{kind}; }};"
    for name in list(found):
        if re.match(r"(?i)aiot_i_", name) or name in OPTIONS or name.endswith("_state") or "comes_first" in name or "awaitable_is" in name:
            del found[name]
    return found


def articles():
    """The header's articles, the banner first, and each name's place."""
    section, found, homes = "", [], {}
    pieces = re.split(r"(?ms)^(/\*.*?\*/)", text[text.index("/*"):])
    for comment, code in zip(pieces[1::2], pieces[2::2]):
        mark = re.match(r"/\* =+ +\[(\d+)\]", comment)
        if mark:
            section = int(mark.group(1))
            comment = "/* " + comment[mark.end():].lstrip("* \n")
        found.append(Article(section, comment, code))
    for article in found[1:]:
        inside = re.search(r"(?m)^(?:#define |(?:AIOT_I_\w+ |static )[^=;{]*?\b)(?:aiot_i_|AIOT_I_)\w+\(", article.code)
        before_inside = declarations(article.code[:inside.start()] if inside else article.code)
        for name, declaration in declarations(article.code).items():
            mentions = [a for a in found[1:] if a.section == article.section and re.search(rf"\b{name}\b", a.text)]
            own = article in mentions or name in before_inside or not mentions
            home = article if own else mentions[0]
            if name not in homes or len(home.text) > len(homes[name][0].text):      # defined twice: for two kinds of build
                homes[name] = home, declaration
    for name, (article, declaration) in homes.items():
        article.names.append((name, declaration))
    return found, homes


def sentence(article):
    first = re.split(r"(?<=[.:])\s", re.sub(r"\s+", " ", article.text))
    return next((s for s in first if len(s) > 25), first[0]).rstrip(".:")


def paragraphs(body):
    """(kind, lines) of each paragraph: "p"; "li", an item of a list; or "pre", which is indented and stays as it is."""
    runs, blank = [], False
    for line in body.split("\n"):
        if not line.strip():
            blank = True
            continue
        item, indented = re.match(r" ?(?:\d+\.|-) ", line), line.startswith("  ")
        before = runs[-1][0] if runs else ""
        if item:
            runs.append(("li", [line.strip()]))
        elif indented and before == "pre":
            runs[-1][1].extend([""] * blank + [line])
        elif indented and before == "li" and not blank and len(line) - len(line.lstrip()) <= 4:
            runs[-1][1].append(line.strip())
        elif indented:
            runs.append(("pre", [line]))
        elif before == "p" and not blank:
            runs[-1][1].append(line)
        else:
            runs.append(("p", [line]))
        blank = False
    return [(kind, textwrap.dedent("\n".join(lines)).split("\n")) for kind, lines in runs]


def manual(name, declaration, article):
    def roff(line):
        line = line.replace("\\", "\\e").replace("-", "\\-")
        return "\\&" + line if line[:1] in ".'" else line
    others = [d for n, d in article.names if n != name]
    see = sorted({n for n in re.findall(r"\b(?:AIOT|aiot)_\w+", article.text) if n in homes and n != name})
    out = [f'.TH {name} 3 "" "aio_timeout.h {VERSION}"', ".SH NAME", f"{name} \\- {roff(sentence(article))}", ".SH SYNOPSIS", ".nf",
           '#include "aio_timeout.h"', "", roff(declaration)] + [roff(d) for d in others] + [".fi", ".SH DESCRIPTION"]
    for kind, lines in paragraphs(article.text):
        out += {"p": [".PP"], "li": [".IP"], "pre": [".PP", ".nf"]}[kind] + [roff(line) for line in lines] + [".fi"] * (kind == "pre")
    if see:
        out += [".SH SEE ALSO", ", ".join(f"{n}(3)" for n in see)]
    return "\n".join(out) + "\n"


STYLE = """:root{color-scheme:light dark;--line:#8884;--dim:#888}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:0 1rem 4rem}
header{position:sticky;top:0;background:Canvas;padding:.6rem 0;border-bottom:1px solid var(--line)}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}
pre{overflow-x:auto;background:#8881;padding:.5rem;font-size:13px}code{font-size:.92em;overflow-wrap:anywhere}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}article{scroll-margin-top:5rem}
li{list-style:none;margin:.4rem 0 .4rem 1rem}a{color:LinkText;text-decoration:none}.decl{background:none;border-left:3px solid var(--dim);white-space:pre-wrap;overflow-wrap:anywhere}.n{scroll-margin-top:5rem}"""
SCRIPT = """const box=document.getElementById('q'),all=[...document.querySelectorAll('article')],heads=[...document.querySelectorAll('section')];
box.addEventListener('input',()=>{const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);
for(const a of all)a.hidden=!words.every(w=>a.textContent.toLowerCase().includes(w));for(const s of heads)s.hidden=![...s.querySelectorAll('article')].some(a=>!a.hidden)});"""


def page(found):
    def linked(body):
        return re.sub(r"\b(?:AIOT|aiot)_\w+", lambda m: f'<a href="#{m.group(0)}">{m.group(0)}</a>' if m.group(0) in homes else m.group(0),
                      re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(body, quote=False)))
    out = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
           f"<title>aio_timeout.h {VERSION}</title><style>{STYLE}</style><h1>aio_timeout.h {VERSION}</h1>",
           "<header><input id=q type=search placeholder='Search: a name, a word' aria-label=Search autofocus></header>"]
    section = None
    for article in found:
        if not article.names and article.section == section:
            continue                            # of the inside
        if article.section != section:
            title = html.escape(re.split(r"[.] ", article.text)[0][:90])
            out.append(("</section>" if section is not None else "") + f"<section><h2>{title}</h2>")
            section = article.section
        out.append("<article>" + "".join(f'<pre class="decl n" id="{n}"><code>{html.escape(d)}</code></pre>' for n, d in article.names))
        for kind, lines in paragraphs(article.text):
            out.append(f"<{kind}>{linked((chr(10) if kind == 'pre' else ' ').join(lines))}</{kind}>")
        out.append("</article>")
    return "\n".join(out) + f"</section><script>{SCRIPT}</script></html>\n"


SAYS = r"\b[Rr]eturns?\b|\b[Tt]rue\b|\b[Ff]alse\b|\bNULL\b|[Hh]ow many|\?|\b0\b|\bAIOT_E|(?:^|[.:] +)(?:The|A|An) |asyncio\."


def check(found):
    missing = 0
    for name, (article, declaration) in homes.items():
        if not re.search(rf"\b{name}\b", article.text) and not declaration.startswith(("type", "AIOT_VERSION")) and len(article.text) < 20:
            missing += not print(f"{name}: its comment says nothing")
        elif declaration.endswith(";") and not re.match(r"void |coroutine", declaration) and not re.search(SAYS, article.text):
            missing += not print(f"{name}: what does it return?")
        elif re.match(r"[A-Z_]+(_WAIT|_GET|_PUT|_JOIN|_ACQUIRE|SLEEP|AWAIT|WAIT_FOR)\(", declaration) and \
                not re.search(r"[Rr]aise|asyncio|AIOT_E", article.text):
            missing += not print(f"{name}: what does it raise?")
    for option in set(re.findall(r"(?m)^#(?:ifndef|ifdef|.*defined) (AIOT_(?!I_)[A-Z_]+)", text)) - set(OPTIONS):
        if not re.search(rf"#error.*{option}", text) and option not in homes:
            missing += not print(f"{option}: not in the table of options")
    missing += sum(not print(f"{option}: twice in the table of options") for option in set(OPTIONS) if OPTIONS.count(option) > 1)
    print(f"{len(homes)} public names, {len(OPTIONS)} options, {missing} not documented, or twice")
    return 1 if missing or len(homes) < 200 else 0


found, homes = articles()
if sys.argv[2] == "--check":
    sys.exit(check(found))
folder = sys.argv[2]
os.makedirs(os.path.join(folder, "man3"), exist_ok=True)
for name, (article, declaration) in homes.items():
    with open(os.path.join(folder, "man3", name + ".3"), "w", encoding="utf-8") as file:
        file.write(manual(name, declaration, article))
with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
    file.write(page(found))
print(f"{folder}: {len(homes)} manual pages, index.html")
