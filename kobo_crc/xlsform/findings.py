"""What a check can find in a form: the catalogue of texts, and the record of one finding.

Every text says the cause and the remedy; the place (sheet and row) stands before it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

CATALOGUE: Final[Mapping[str, str]] = {
    # Where answers go
    "store_syntax": "the store cell '{store}' is neither table.column nor '-'. "
    "Please either write table.column, write '-' to store nothing, or empty the cell to keep the answer in the vault.",
    "scope_syntax": "the store cell '{store}' of a {type} must be the name of a table. "
    "Please either write a table, or empty the cell.",
    "table_unknown": "there is no table {table}.{near} Please either correct the store cell, or add the table.",
    "column_unknown": "the table {table} has no column {column}.{near} "
    "Please either correct the store cell, or add the column.",
    "note_stored": "a note has no answer to store. Please either write '-', or empty the store cell.",
    "type_clash": "a {type} question cannot fill {table}.{column}, which holds {holds}. "
    "Please either change the question's type, or store it elsewhere.",
    "list_clash": "the question chooses from {list}, but {table}.{column} holds codes of {codes}. "
    "Please either use the list {codes}, or store it elsewhere.",
    "code_foreign": "the choices {others} of {list} are no codes of {codes}, which {table}.{column} holds. Please "
    "write the code for each into the column codes of the question's row in the .store.csv, such as {one}=CODE.",
    "recoded_unknown": "the column codes names {code}, which is no choice of {list}.{near} Please correct it.",
    "constant_unknown": "the constant '{code}' is not in the list {codes} of {table}.{column}.{near} "
    "Please either correct the calculation, or add the code to the list.",
    "code_list_missing": "the column {table}.{column} holds codes of the list {codes}, which is nowhere. "
    "Please add forms/codes/{codes}.csv.",
    "many_not_link": "a {type} question gives several rows, but {table} is not a link table. "
    "Please either ask for one choice, or store it in a link table.",
    "link_not_many": "{table} is a link table, which only select_multiple questions fill. "
    "Please either make the question a select_multiple, or store it in another table.",
    "link_scope": "{table} is a link table and cannot be opened by a {type}. "
    "Please either empty the store cell, or open another table.",
    "pii_missing": "a stored question needs its class in the column pii. "
    "Please write {wanted}, the class of {table}.{column}.",
    "pii_unknown": "'{pii}' is no class. Please write none, quasi, sensitive or direct in the column pii.",
    "pii_clash": "the question is marked {pii}, but {table}.{column} is {wanted}. "
    "Please either correct the column pii, or store the answer elsewhere.",
    "direct_outside_vault": "an answer that names a person may not go to {table}, which is outside the vault. "
    "Please either store it in a vault table, or empty the store cell to keep it in the vault.",
    "column_twice": "{table}.{column} is already filled by {other} (row {line}) in the same place. "
    "Please either compute one value from both questions, or store one of them elsewhere.",
    "outside_repeat": "the question is asked many times in the repeat {repeat}, but its row of {table} lies outside. "
    "Please either write {table} in the store cell of the repeat, or move the question out of it.",
    "seal_missing": "{table} may only be filled by a form whose {table}.{column}, outside repeats and groups with a "
    "table, tells first whether anything may be kept. Please add a question for it.",
    "scope_nested": "{table} is opened inside {other}, which already opens {table}. "
    "Please either open another table, or move the group out.",
    # Questions that moved
    "was_syntax": "'{was}' in the column was is no path. Please write the old path, such as client/phone; several "
    "stand with a space between.",
    "was_still_there": "{was} is a question of the form, so no other can have taken its place. "
    "Please either clear the cell was, or rename that question.",
    "was_twice": "{was} is named in the column was of row {line} too. Please keep one of them.",
    "was_elsewhere": "{was} was in another repeat, whose items do not match those of this one. Please clear the cell "
    "was; old answers stay in the vault.",
    # Sheets, columns, lists
    "pyxform_refuses": "pyxform refuses the form: {reason}",
    "sheet_unknown": "the sheet {name} is no sheet of XLSForm.{near} Please either rename or remove it.",
    "header_unknown": "the column {header} is unknown.{near} Please either correct its name, or remove the column.",
    "column_late": "the column {header} has its first cell below row 101, and a KoboToolbox server looks no further "
    "for columns: it would refuse the form. Please either move this row up, or use the column further up too.",
    "choices_column": "the column {header} would reach the tablet, and no expression uses it. Please remove it.",
    "language_twice": "{header} and {first} are two spellings of one language, which a tablet would list twice. "
    "Please write the same name everywhere.",
    "default_language": "the default_language {language} is the language of no column.{near} "
    "Please write the name exactly as in label::{example}.",
    "list_missing": "there is no choice list {list}.{near} "
    "Please either correct the type cell, add the list to the choices sheet, or add forms/codes/{list}.csv.",
    "choice_twice": "the choice {code} stands twice in the list {list}. Please either rename or remove one of them.",
    "choice_space": "the code '{code}' of the list {list} has a space, which separates codes in an answer. "
    "Please write _ instead.",
    "choice_code_missing": "a choice of the list {list} has no name. Please either give it one, or remove the row.",
    "name_twice": "the name {name} is already used in row {line}; KoboToolbox refuses two questions of one name. "
    "Please rename one of them.",
    "path_changed": "{path} was a {before} in the version before, and a path never changes type. "
    "Please either restore the type, or give the question a new name.",
    # Languages
    "translation_missing": "{column} has no {language} text; a tablet would show '-'. "
    "Please write it in the column {header}.",
    "label_missing": "the {type} has no label in any language. Please either write one, or make it a calculate.",
    "same_as_arabic": "the Sorani text of {column} equals the Arabic one. Please either translate it, "
    "or list it in forms/codes/ckb_same_as_ar.csv as {list},{name}.",
    "digits_flip": "the {language} text of {column} has '{digits}', which turns around in a right-to-left line. "
    "Please put U+200E around a phone number, and U+2066 and U+2069 around a range.",
    # Constructs that one of the form engines gets wrong
    "uuid_recomputed": "{call}() is computed again and again in Enketo. Please write once({call}()).",
    "digest_raw": "digest() of an answer gives the same hash for everyone in Enketo. "
    "Please write digest(string(…), …).",
    "default_in_repeat": "a computed default inside a repeat stays blank in Enketo. "
    "Please use a calculate with once(…) instead.",
    "today_raw": "today() in a calculate is kept as a date with time by JavaRosa. "
    "Please write format-date(today(), '%Y-%m-%d').",
    "month_name": "'{code}' in a date format turns Arabic on an Arabic tablet. "
    "Please use numeric codes only, such as %Y-%m-%d.",
    "count_filter": "count() of a filtered repeat goes stale in Enketo. Please sum a question that is 0 or 1 instead.",
    "regex_loose": "the pattern '{pattern}' of regex() has no ^ and $ at its ends: engines differ on what it matches. "
    "Please write ^…$.",
    "regex_class": r"\p{{…}} in a pattern is unknown to some engines. Please name the letters' ranges instead.",
    "regex_arabic": "[ء-ي] refuses Kurdish letters. Please write [\\u0600-\\u06FF ] instead.",
    "choice_name_stored": "a stored jr:choice-name depends on the language it was computed in. "
    "Please either store the code, or write '-' in the column store.",
    "position_stored": "a stored position(..) shifts when an item is removed. "
    "Please either use once(uuid()), or write '-' in the column store.",
    "gate_ignored": "the {column} reads {name}, which is asked only if {gate}: Enketo goes on with its answer when "
    "it is hidden again. Please read {missing} in the same expression.",
    "or_other": "or_other adds an untranslated choice. Please add the choice 'other' to the list, and a text question.",
    "row_disabled": "the row is disabled, but its annotations are not. Please remove the row.",
    "identifying_metadata": "{type} records whose tablet it is. Please remove the row.",
    "instance_name_direct": "instance_name shows {name}, whose answer names a person. "
    "Please either leave it out, or use a code.",
    "entity_in_repeat": "an entity is saved inside a repeat, which KoboToolbox's server refuses. "
    "Please move save_to out of the repeat.",
    "entities_many": "more than one entity is declared, which KoboToolbox's server refuses. Please keep one.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a form. `row` is the line in the sheet as Excel shows it, 0 for the sheet as a whole."""

    sheet: str
    row: int
    code: str
    message: str

    def __str__(self) -> str:
        return self.message


def found(sheet: str, row: int, code: str, /, **words: object) -> Finding:
    """A finding in the catalogue's words, its place before them."""
    place = f"sheet {sheet}, row {row}" if row else f"sheet {sheet}"
    return Finding(sheet, row, code, f"{place}: {CATALOGUE[code].format(**words)}")


def near(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """` Did you mean …?` with the closest known word, or ""."""
    matches = difflib.get_close_matches(word, list(known), 1, cutoff)
    return f" Did you mean {matches[0]}?" if matches else ""
