/* SPDX-License-Identifier: MIT */
#include "analysis/churn_advice.h"

#include <string.h>

/* Rows of one place with different sizes from which on a value is taken to grow piece by piece. */
#define GROWING_SIZES 16u

struct advice {
    const char *types; /* names between spaces */
    const char *text;
};

/* The first entry that names the type holds. */
static const struct advice table[] = {
    {" float complex decimal.Decimal fractions.Fraction ",
     "arithmetic makes a new number for each result: move what does not change out of the loop; for "
     "many numbers at once, array.array or a numeric library keeps them unboxed"},
    {" int ",
     "integers above 256 are made anew for each result: move what does not change out of the "
     "loop; array.array or a numeric library keeps many of them unboxed"},
    {" tuple ",
     "tuples that die at once mostly carry arguments (*args), several return values, or dict and zip "
     "items that are kept as pairs: unpack them where they come, or pass the values themselves"},
    {" list ",
     "if the list is only walked through once, a generator expression does it without one; if it is "
     "filled again and again, clear() it and use it again"},
    {" set frozenset ",
     "if the set is the same each time, make it once outside; if it is only walked through, a "
     "generator expression does it without one"},
    {" dict ",
     "if the dict only carries values to the next call (**kwargs, a record), pass them as arguments or "
     "in a class with __slots__; if it is filled again and again, clear() it and use it again"},
    {" collections.OrderedDict collections.defaultdict collections.Counter collections.deque ",
     "make the container once, clear() it and use it again"},
    {" generator async_generator coroutine ",
     "one is made for each call: where the body is short, do the work in the caller's loop, or hand "
     "over a whole batch for each call"},
    {" list_iterator tuple_iterator range_iterator longrange_iterator dict_keyiterator "
     "dict_valueiterator dict_itemiterator set_iterator str_iterator str_ascii_iterator "
     "bytes_iterator list_reverseiterator reversed enumerate zip map filter range dict_keys "
     "dict_values dict_items itertools.chain itertools.islice ",
     "one is made for each loop that starts: worth a change only if the loop is short; then unroll it, "
     "or do it in one call (sum, any, map, str.join)"},
    {" slice ",
     "each a[i:j] makes a slice object and a copy: keep the slice in a variable, or read through a "
     "memoryview or itertools.islice"},
    {" method builtin_function_or_method method-wrapper functools.partial ",
     "a method looked up but not called at once becomes an object: look it up once before the loop"},
    {" function cell code ",
     "def and lambda make a function each time they run: move them out, or pass the values as "
     "arguments"},
    {" frame traceback ",
     "frames become objects for tracebacks, tracing and sys._getframe(): where exceptions are the "
     "common case, test first"},
    {" type ", "classes are made while the program works: make them once and keep them"},
    {" re.Match ",
     "a match object for each hit: if only its text counts, findall() or a named test "
     "makes none"},
    {" memoryview ", "one view of the whole, sliced, does for many"},
};

static bool names(const struct advice *advice, const char *type)
{
    size_t length = strlen(type);
    for (const char *at = advice->types; (at = strstr(at, type)); at++) {
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static const char *text_advice(const struct churn_site *site, bool text)
{
    bool growing = site->sizes >= GROWING_SIZES;
    if (text)
        return growing ? "texts of many lengths, which is what building one piece by piece looks "
                         "like: collect the pieces in a list and ''.join() them once, or write to "
                         "io.StringIO"
                       : "if the same text is made each time, make it once outside; of parts that "
                         "are only looked at, find(), startswith() and partition() make fewer than "
                         "slices and split()";
    return growing
               ? "bytes of many lengths, which is what building or slicing piece by piece looks "
                 "like: extend one bytearray, and slice a memoryview of it"
               : "read into one bytearray (readinto, recv_into) and slice a memoryview of it: "
                 "that copies nothing";
}

const char *churn_advice(const struct churn_site *site, enum line_kind kind)
{
    uint64_t deaths = site->deaths[0] + site->deaths[1] + site->deaths[2];
    const char *type = site->type;
    if (site->short_lived < CHURN_ADVICE_OBJECTS && site->short_bytes < CHURN_ADVICE_BYTES)
        return NULL;
    if (kind == LINE_IMPORT)
        return "importing modules: done once for each; imports inside functions look the module up "
               "at every call";
    if (kind == LINE_NONE || site->short_lived * 2 < deaths)
        return NULL; /* most live longer: not what this is about */
    if (site->deaths[1] * 2 > deaths)
        return "the collector frees most of these: they are in reference cycles. Break the cycle and "
               "they die at once; see 'ouro gc' and 'ouro report'";
    if (!type || !*type)
        return NULL;
    if (!strcmp(type, "str") || !strcmp(type, "bytes") || !strcmp(type, "bytearray"))
        return text_advice(site, *type == 's');
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (names(&table[i], type))
            return table[i].text;
    }
    if (ends_with(type, "Error") || ends_with(type, "Exception") || !strcmp(type, "StopIteration"))
        return "exceptions that are raised to be caught cost a traceback each: where the case is "
               "common, test for it first (in, dict.get(), a default for next())";
    return strchr(type, '.')
               ? "instances that die at once: keep one and reset it, pass the values instead, or make "
                 "the class lighter with __slots__"
               : NULL;
}
