"""mutants.py: all small faults that mutation.py can put into sections [7] to [16] of the header.

A mutant changes one place in the body of a function or of a macro: a comparison, a + or -, ++ or --, a number up to 65535, true or false, a
condition that is negated, a statement or the body of an `if` that is left out. Comments, texts, the conditions of the preprocessor and what
the compiler asserts stay as they are."""
import bisect
import collections
import hashlib
import re

Mutant = collections.namedtuple("Mutant", "function section line part before after begin end text key")

COMPARISONS = {"<": ("<=", ">="), ">": (">=", "<="), "<=": ("<", ">"), ">=": (">", "<"), "==": ("!=",), "!=": ("==",)}
OPERATORS = {"+": "-", "-": "+", "++": "--", "--": "++", "+=": "-=", "-=": "+=", "true": "false", "false": "true"}
TOKEN = re.compile(r"0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|\w+|->|<<=|>>=|<<|>>|[<>=!+\-*/%&|^]=|\+\+|--|&&|\|\||##|\.\.\.|[^\s\w]")
ASSERTIONS = re.compile(r"\b(?:_Static_assert|static_assert|AIOT_I_STATIC_ASSERT|AIOT_I_ASSERTED|AIOT_I_TAKES|_Generic|AIOT_I_(?:PRAGMA|IGNORE|WARN|ERROR))\b *\(")
CONDITION = re.compile(r"(?m)^ *# *(?:if|ifdef|ifndef|elif|else|endif)\b(?:[^\n]*\\\n)*[^\n]*\n")
# Idioms of macros, the size of an array's first element, which is that of any other, and a complaint without a line: no faults.
NOT_DONE = re.compile(r"while \(0\)|\(void\)0\b|if \(0\)|sizeof \(?[\w>.()-]+\[0\]|\" *\", 0, NULL")
DECLARES = re.compile(r"(?:(?:const|static|unsigned|struct|enum|union|extern)\b|\w+(?:\s+|\s*\*+\s*(?:const\s+)?)\w+\s*(?:[=,;\[(]|$))")
KEEPS = re.compile(r"(?:return|break|continue|goto)\b")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def uncomment(text, change=lambda string: string):
    """The text with its comments blanked; `change` may do the same to the insides of strings. Places stay the same."""
    parts = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return parts.sub(lambda m: blank(m.group()) if m.group()[0] == "/" else m.group()[0] + change(m.group()[1:-1]) + m.group()[-1], text)


def strip(text):
    """The text with comments, the insides of strings, and the preprocessor's own lines blanked; places stay the same."""
    text = uncomment(text, blank)
    return re.sub(r"(?m)^ *# *(?!define\b)\w+(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m.group()), text)


def close(code, at):
    """The place behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i + 1
    return len(code)


def bodies(code):
    """Yields (name, begin, end) of each body of a macro and of a function."""
    for m in re.finditer(r"(?m)^ *# *define (\w+)(\([^)]*\))?((?:[^\n]*\\\n)*[^\n]*)", code):
        yield m.group(1), m.start(3), m.end(3)
    code = re.sub(r"(?m)^ *# *define(?:[^\n]*\\\n)*[^\n]*", lambda m: blank(m.group()), code)
    for m in re.finditer(r"(?m)^(?:AIOT_I_[A-Z]+|static|extern|bool|int|void|aiot_\w+)\b[^\n{};]*?\b(aiot_\w+)\([^;{}]*\)\s*\{", code):
        yield m.group(1), m.end() - 1, close(code, m.end() - 1)
    for m in re.finditer(r"(?m)^static inline AIOT_CORO\((\w+)\)\s*\{", code):
        yield m.group(1), m.end() - 1, close(code, m.end() - 1)
    for m in re.finditer(r"(?m)^AIOT_I_\w*CORO\((\w+),.*\)$", code):
        yield m.group(1), m.end(1), m.end() - 1


def statements(code, begin, end):
    """Yields (begin, end, text to put there) for what can be left out, and for conditions that can be negated."""
    at, stack = begin, []
    def skip(i):
        while i < end and (code[i].isspace() or code[i] == "\\"):
            i += 1
        return i
    def simple_end(i):
        while i < end and code[i] != ";":
            if code[i] in "{}" :
                return None
            i = close(code, i) if code[i] in "([" else i + 1
        return i + 1 if i < end else None
    while at < end:
        at = skip(at)
        word = re.compile(r"\w+").match(code, at, end)
        if word and word.group() in ("if", "while", "for", "switch"):
            bracket = code.find("(", at, end)
            if bracket < 0:
                return
            behind = close(code, bracket)
            if word.group() in ("if", "while") and behind <= end:
                yield bracket + 1, behind - 1, "!(" + code[bracket + 1:behind - 1] + ")"
            elif word.group() == "for":
                parts = [i for i in range(bracket, behind) if code[i] == ";"]
                if len(parts) == 2 and code[parts[0] + 1:parts[1]].strip():
                    inside = code[parts[0] + 1:parts[1]]
                    yield parts[0] + 1, parts[1], " !(" + inside.strip() + ")"
            at = skip(behind)
            if word.group() == "if" and at < end:
                if code[at] == "{" and close(code, at) <= end:
                    yield at, close(code, at), "{ }"
                elif KEEPS.match(code, at, end) and simple_end(at):
                    yield at, simple_end(at), ";"
        elif word and word.group() in ("else", "do"):
            at = word.end()
        elif word and word.group() in ("case", "default"):
            at = code.find(":", at, end) + 1 or end
        elif at < end and code[at] in "{};:":
            at += 1
        else:
            last = simple_end(at)
            if last is None:                        # the rest of a macro, or an expression with braces
                at = next((i + 1 for i in range(at, end) if code[i] in "{};"), end)
                continue
            text = code[at:last]
            whole = re.match(r"[\w(*+\-]", text) and not re.match(r"\w+\([^;]*?\)\s*\\?\s*\w", text)
            if whole and not KEEPS.match(text) and not DECLARES.match(text) and not re.match(r"\(void\)\(?\w+\)?;|\w+:", text):
                yield at, last, ";"
            at = last


def of_tokens(code, begin, end):
    """Yields (begin, end, text to put there) for operators and numbers."""
    before = ""
    for m in TOKEN.finditer(code, begin, end):
        token = m.group()
        binary = re.match(r"[\w)\]]", before[-1:]) and before not in ("return", "case", "else")
        number = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", token)
        if token in COMPARISONS:
            smaller = re.search(r"([\w>.-]+) [<>] [\w>.()-]+ \? \1 :", code[max(begin, m.start() - 80):m.end() + 160])
            for other in COMPARISONS[token]:        # of two equal values, either is the smaller one
                if not (smaller and other == token + "="):
                    yield m.start(), m.end(), other
        elif token in OPERATORS and (binary or token not in "+-"):
            yield m.start(), m.end(), OPERATORS[token]
        elif number and int(number.group(1), 0) <= 65535 and before not in ("##", "#"):
            value = int(number.group(1), 0)
            for other in (value + 1, value - 1):
                if other >= 0:
                    yield m.start(), m.end(), f"{other}{number.group(2)}"
        before = token


def find(text, seed, first=7, last=16):
    """All mutants of a header, in an order that the seed decides: one that does not change with the rest of the header."""
    code = strip(text)
    marks = [(m.start(), int(m.group(1))) for m in re.finditer(r"/\* =+ \[(\d+)\]", text)]
    lines = [0] + [m.end() for m in re.finditer("\n", text)]
    conditions = [m.start() for m in CONDITION.finditer(uncomment(text))]
    kept = [(m.start(), close(code, m.end() - 1)) for m in ASSERTIONS.finditer(code)]
    kept += [m.span() for m in NOT_DONE.finditer(code)]
    found, seen = [], collections.Counter()
    for name, begin, end in bodies(code):
        section = ([n for at, n in marks if at <= begin] or [0])[-1]
        if not first <= section <= last:
            continue
        changes = sorted(set(of_tokens(code, begin, end)) | set(statements(code, begin, end)))
        for a, b, new in changes:
            if any(a < e and b > s for s, e in kept if not (a < s and e < b)):
                continue
            line = bisect.bisect_right(lines, a)
            top, bottom = lines[line - 1], text.find("\n", b - 1)
            before, after = (" ".join(re.sub(r"/\*.*?\*/", "", t, flags=re.S).split())
                             for t in (text[top:bottom], text[top:a] + new + text[b:bottom]))
            if "\n" in text[a:b]:                   # the rest of the macro goes on
                new += "\\\n" * text[a:b].count("\\\n") + "\n" * (text[a:b].count("\n") - text[a:b].count("\\\n"))
            same = f"{name}|{before}|{after}"
            seen[same] += 1
            key = hashlib.sha256(f"{seed}|{same}|{seen[same]}".encode()).hexdigest()
            found.append(Mutant(name, section, line, bisect.bisect_right(conditions, a), before, after, a, b, new, key))
    return sorted(found, key=lambda m: m.key)
