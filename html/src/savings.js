// SPDX-License-Identifier: MIT
// Kinds of savings in the words of the text report (analyzer/report/text_savings.c).
import { count, text } from "./format.js";

const KINDS = {
    equal: "equal values, one object for each",
    slots: "__slots__ instead of attribute tables",
    record: "classes instead of dicts of equal keys",
    numbers: "arrays instead of lists of numbers",
    room: "spare room of lists, dicts and sets",
    empty: "empty lists, dicts and sets",
    wide: "strings that few characters make wide",
    code: "code that is loaded more than once",
};

export const savingKind = (kind) => KINDS[kind] ?? kind;

export const savingTitle = (s) => `${savingKind(s.kind)}: ${count(s.objects)} ${text(s.type)}${s.what ? ` (${text(s.what)})` : ""}`;
