# SPDX-License-Identifier: MIT
"""As much of JSON Schema (draft 7) as docs/report.schema.json uses; an unknown keyword is an error."""

import re

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None)}
SILENT = {"$schema", "$id", "title", "description", "definitions", "$comment"}


def problems(value, schema, root=None, where="$"):
    """Yields what is wrong with a value, one line each."""
    root = root or schema
    if "$ref" in schema:
        target = root
        for part in schema["$ref"][len("#/"):].split("/"):
            target = target[part]
        yield from problems(value, target, root, where)
        return
    for keyword, wanted in schema.items():
        if keyword == "type":
            names = wanted if isinstance(wanted, list) else [wanted]
            if not any(is_a(value, name) for name in names):
                yield "%s is %r, no %s" % (where, value, " or ".join(names))
                return
        elif keyword == "enum":
            if value not in wanted:
                yield "%s is %r, none of %s" % (where, value, wanted)
        elif keyword in ("minimum", "maximum"):
            if is_a(value, "number") and (value < wanted if keyword == "minimum" else value > wanted):
                yield "%s is %r, beyond the %s %s" % (where, value, keyword, wanted)
        elif keyword == "required":
            for name in wanted:
                if isinstance(value, dict) and name not in value:
                    yield "%s has no %s" % (where, name)
        elif keyword == "properties":
            for name, inner in wanted.items():
                if isinstance(value, dict) and name in value:
                    yield from problems(value[name], inner, root, "%s.%s" % (where, name))
        elif keyword == "additionalProperties":
            if isinstance(value, dict):
                for name in sorted(set(value) - set(schema.get("properties", {}))):
                    if wanted is False:
                        yield "%s has %s, which the schema does not know" % (where, name)
                    elif isinstance(wanted, dict):
                        yield from problems(value[name], wanted, root, "%s.%s" % (where, name))
        elif keyword == "items":
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from problems(item, wanted, root, "%s[%d]" % (where, index))
        elif keyword in ("minItems", "maxItems"):
            if isinstance(value, list) and (len(value) < wanted if keyword == "minItems" else len(value) > wanted):
                yield "%s has %d items" % (where, len(value))
        elif keyword == "pattern":
            if isinstance(value, str) and not re.search(wanted, value):
                yield "%s is %r, which does not match %s" % (where, value, wanted)
        elif keyword not in SILENT:
            yield "the schema uses %s at %s, which this check does not know" % (keyword, where)


def is_a(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])
