/* Turns rows as a database hands them over into canonical separated values.

   reports/exports/fastcsv/rows.py calls it for many rows at a time. It decides nothing by itself:
   the forms of values are those of reports/values, quotes and apostrophes those of
   reports/formats/csv.py, and a row with a value that does not have the form of its column is left
   to Python. It allocates nothing, and reads and writes nothing outside the two buffers. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef unsigned char byte;

/* What a table is made of. Two forms of rows are known (geo/backends/bulk.py): fields as CSV with
   rows that end in a line feed, and, `is_marked`, texts between marks with rows that end in one. */
struct table {
    size_t columns;
    const char *kinds; /* of each column: a letter that `value` knows */
    const size_t *places;
    const char *end; /* what a line ends with */
    size_t end_size;
    byte separator;
    byte is_marked;
    byte is_for_people; /* is a text to be neutralised? */
};

/* How far a call has come: bytes read, bytes and rows written. */
struct progress {
    size_t read, written, rows;
};

enum outcome { ALL_READ, ODD_ROW, NO_ROOM, NO_COLUMNS };

/* What library.py compares before it calls anything: the version of this interface, and the sizes
   of its structures. */
EXPORTED const size_t isoline_layout[] = {1, sizeof(struct table), sizeof(struct progress)};

enum { TEXT = 0xfe, END_OF_TEXT = 0xff, END_OF_ROW = 0xfd };

/* What a byte may be in a text, as bits. */
enum { QUOTED = 1, HIGH = 2, LINE_END = 4, MARK = 8 };

struct state {
    const byte *at, *end; /* what is left to read */
    byte *out, *limit;    /* where to write, and how far */
    const struct table *table;
    byte end_of_row;
    bool is_full;
    byte bytes[256];
};

static bool has_room(struct state *s, size_t size) {
    if ((size_t)(s->limit - s->out) >= size) return true;
    s->is_full = true;
    return false;
}

static bool put(struct state *s, const byte *from, size_t size) {
    if (!has_room(s, size)) return false;
    memcpy(s->out, from, size);
    s->out += size;
    return true;
}

static bool is_digit(byte c) { return c >= '0' && c <= '9'; }

static size_t digits(const byte *at, const byte *end) {
    const byte *from = at;
    while (at < end && is_digit(*at)) at++;
    return (size_t)(at - from);
}

/* --- Texts -------------------------------------------------------------------------------- */

static bool is_utf8(const byte *at, const byte *end) {
    while (at < end) {
        byte c = *at++;
        if (c < 0x80) continue;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || end - at < more) return false;
        byte next = *at;
        if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
            (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
            return false; /* longer than it need be, a surrogate, past the last code point */
        for (; more; more--)
            if ((*at++ & 0xc0) != 0x80) return false;
    }
    return true;
}

/* How many bytes from `at` on are a blank beyond ASCII, to Python and spreadsheets; or 0. */
static size_t wide_blank(const byte *at, size_t left) {
    if (left >= 2 && at[0] == 0xc2) return at[1] == 0x85 || at[1] == 0xa0 ? 2 : 0;
    if (left < 3) return 0;
    unsigned code = (at[0] & 0x0fu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    bool is_one = (at[0] & 0xf0) == 0xe0 &&
                  (code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
                   code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000);
    return is_one ? 3 : 0;
}

/* Would a spreadsheet run a line that begins so? `FORMULA` of reports/formats/csv.py. */
static bool begins_formula(const byte *at, const byte *end) {
    while (at < end) {
        byte c = *at;
        size_t blank = 1;
        if (c >= 0x80) {
            if (end - at >= 3 && c == 0xef && at[1] == 0xbc)
                return at[2] == 0x9d || at[2] == 0x8b || at[2] == 0x8d || at[2] == 0xa0;
            blank = wide_blank(at, (size_t)(end - at));
            if (!blank) return false;
        } else if (c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || !c) {
            return true;
        } else if (!(c == ' ' || c == '"' || c == '\'' || (c >= '\n' && c <= '\f') ||
                     (c >= 0x1c && c <= 0x1f))) {
            return false;
        }
        at += blank;
    }
    return false;
}

static bool is_formula(const byte *text, const byte *end, byte has) {
    if (begins_formula(text, end)) return true;
    if (has & LINE_END)
        for (const byte *at = text; at < end; at++)
            if ((*at == '\r' || *at == '\n') && begins_formula(at + 1, end)) return true;
    return false;
}

/* A text; `is_doubled` when its quotes are so already, which changes no question asked of it. */
static bool put_text(struct state *s, const byte *text, size_t size, bool is_doubled) {
    const byte *end = text + size;
    byte has = size ? 0 : QUOTED;
    for (const byte *at = text; at < end; at++) has |= s->bytes[*at];
    if (has & MARK || (has & HIGH && !is_utf8(text, end))) return false;
    if (!has_room(s, 2 * size + 3)) return false;
    if (has & QUOTED) *s->out++ = '"';
    if (s->table->is_for_people && is_formula(text, end, has)) *s->out++ = '\'';
    if (has & QUOTED && !is_doubled) {
        for (; text < end; text++) {
            if (*text == '"') *s->out++ = '"';
            *s->out++ = *text;
        }
    } else {
        memcpy(s->out, text, size);
        s->out += size;
    }
    if (has & QUOTED) *s->out++ = '"';
    return true;
}

static bool marked_text(struct state *s) {
    const byte *text = s->at + 1;
    const byte *end = memchr(text, END_OF_TEXT, (size_t)(s->end - text));
    if (*s->at != TEXT || !end) return false;
    s->at = end + 1;
    return put_text(s, text, (size_t)(end - text), false);
}

static bool csv_text(struct state *s) {
    const byte *text = s->at;
    if (*text != '"') {
        while (s->at < s->end && *s->at != s->table->separator && *s->at != s->end_of_row)
            if (*s->at++ == '"') return false;
        return put_text(s, text, (size_t)(s->at - text), false);
    }
    bool is_doubled = false;
    for (s->at = ++text;; s->at += 2, is_doubled = true) {
        const byte *quote = memchr(s->at, '"', (size_t)(s->end - s->at));
        if (!quote) return false;
        s->at = quote;
        if (s->end - quote < 2 || quote[1] != '"') break;
    }
    size_t size = (size_t)(s->at++ - text);
    return put_text(s, text, size, is_doubled);
}

/* --- Values of other types ---------------------------------------------------------------- */

static bool integer(struct state *s) {
    const byte *from = s->at;
    bool is_negative = *from == '-';
    size_t count = digits(from + is_negative, s->end);
    if (!count || (from[is_negative] == '0' && (count > 1 || is_negative))) return false;
    s->at += is_negative + count;
    return put(s, from, is_negative + count);
}

/* Rounded half up (away from zero); zero has no sign. */
static bool decimal(struct state *s, size_t places) {
    bool is_negative = *s->at == '-';
    const byte *whole = s->at + is_negative, *part;
    size_t wholes = digits(whole, s->end), parts = 0;
    if (!wholes || (wholes > 1 && *whole == '0')) return false;
    part = s->at = whole + wholes;
    if (s->at < s->end && *s->at == '.') {
        part = s->at + 1;
        parts = digits(part, s->end);
        s->at = part + parts;
    }
    if (!has_room(s, wholes + places + 3)) return false;
    byte *first = s->out;
    *s->out++ = '-';
    *s->out++ = '0'; /* what is carried may need it */
    memcpy(s->out, whole, wholes);
    s->out += wholes;
    if (places) {
        size_t kept = parts < places ? parts : places;
        *s->out++ = '.';
        memcpy(s->out, part, kept);
        memset(s->out + kept, '0', places - kept);
        s->out += places;
    }
    if (parts > places && part[places] >= '5')
        for (byte *at = s->out - 1;; at--) {
            if (*at == '.') continue;
            if (*at != '9') {
                ++*at;
                break;
            }
            *at = '0';
        }
    bool is_zero = true;
    for (byte *at = first + 1; at < s->out && is_zero; at++) is_zero = *at == '0' || *at == '.';
    bool is_carried = first[1] != '0';
    size_t skipped = (size_t)(2 - is_carried) - (is_negative && !is_zero);
    if (is_negative && !is_zero) first[skipped] = '-';
    memmove(first, first + skipped, (size_t)(s->out - first) - skipped);
    s->out -= skipped;
    return true;
}

static bool boolean(struct state *s) {
    static const struct {
        const char *text;
        bool is_true;
    } forms[] = {{"true", true}, {"false", false}, {"t", true}, {"f", false}, {"1", true},
                 {"0", false}};
    for (size_t n = 0; n < sizeof forms / sizeof *forms; n++) {
        size_t size = strlen(forms[n].text);
        if ((size_t)(s->end - s->at) >= size && !memcmp(s->at, forms[n].text, size)) {
            s->at += size;
            return put(s, (const byte *)(forms[n].is_true ? "true" : "false"),
                       forms[n].is_true ? 4 : 5);
        }
    }
    return false;
}

/* Two digits as a number, or 100. */
static unsigned two(const byte *at) {
    return is_digit(at[0]) && is_digit(at[1]) ? 10u * (at[0] - '0') + (at[1] - '0') : 100;
}

static bool date(struct state *s) {
    static const byte days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const byte *at = s->at;
    if (s->end - at < 10 || at[4] != '-' || at[7] != '-') return false;
    unsigned century = two(at), year = two(at + 2), month = two(at + 5), day = two(at + 8);
    if (century > 99 || year > 99 || !(century | year)) return false;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1]) return false;
    unsigned leap = year ? year : century;
    if (month == 2 && day == 29 && leap % 4) return false;
    s->at += 10;
    return put(s, at, 10);
}

/* With six digits of a second's part, or none where that is nothing. */
static bool time_of_day(struct state *s) {
    const byte *at = s->at;
    if (s->end - at < 8 || at[2] != ':' || at[5] != ':') return false;
    if (two(at) > 23 || two(at + 3) > 59 || two(at + 6) > 59) return false;
    s->at += 8;
    if (!put(s, at, 8)) return false;
    if (s->at == s->end || *s->at != '.') return true;
    at += 9;
    size_t count = digits(at, s->end), zeros = 0;
    if (!count || count > 6) return false;
    s->at = at + count;
    while (zeros < count && at[zeros] == '0') zeros++;
    if (zeros == count) return true;
    return put(s, (const byte *)".", 1) && put(s, at, count) &&
           put(s, (const byte *)"000000", 6 - count);
}

/* In UTC, whether its text says so or not. */
static bool instant(struct state *s) {
    if (!date(s)) return false;
    if (s->at == s->end || (*s->at != ' ' && *s->at != 'T')) return false;
    s->at++;
    if (!put(s, (const byte *)"T", 1) || !time_of_day(s)) return false;
    if (s->at < s->end && *s->at == 'Z') {
        s->at++;
    } else if (s->end - s->at >= 3 && !memcmp(s->at, "+00", 3)) {
        s->at += 3;
    }
    return put(s, (const byte *)"Z", 1);
}

/* With hyphens, whether they are there or not. */
static bool uuid(struct state *s) {
    bool has_hyphens = s->end - s->at > 8 && s->at[8] == '-';
    if (!has_room(s, 36)) return false;
    for (int n = 0; n < 32; n++) {
        if (n == 8 || n == 12 || n == 16 || n == 20) {
            if (has_hyphens && (s->at == s->end || *s->at++ != '-')) return false;
            *s->out++ = '-';
        }
        if (s->at == s->end || !(is_digit(*s->at) || (*s->at >= 'a' && *s->at <= 'f')))
            return false;
        *s->out++ = *s->at++;
    }
    return true;
}

/* --- Rows --------------------------------------------------------------------------------- */

static bool value(struct state *s, size_t column) {
    switch (s->table->kinds[column]) {
    case 's': return s->table->is_marked ? marked_text(s) : csv_text(s);
    case 'i': return integer(s);
    case 'n': return decimal(s, s->table->places[column]);
    case 'b': return boolean(s);
    case 'd': return date(s);
    case 't': return time_of_day(s);
    case 'a': return instant(s);
    case 'u': return uuid(s);
    }
    return false;
}

static bool row(struct state *s) {
    for (size_t column = 0; column < s->table->columns; column++) {
        byte behind = column + 1 < s->table->columns ? s->table->separator : s->end_of_row;
        if (s->at == s->end) return false;
        /* NULL is nothing. */
        if (*s->at != behind && !value(s, column)) return false;
        if (s->at == s->end || *s->at++ != behind) return false;
        if (behind == s->table->separator && !put(s, &behind, 1)) return false;
    }
    return put(s, (const byte *)s->table->end, s->table->end_size);
}

/* Writes rows until all are read, one of them is odd, or there is no room for one; `progress` is
   then behind the last one that was written. A table without columns is refused: its rows would
   be written without end, for nothing of them is read. */
EXPORTED enum outcome isoline_lines(const struct table *table, const byte *in, size_t size,
                                    byte *out, size_t room, struct progress *progress) {
    struct state s = {.at = in + progress->read, .end = in + size, .out = out,
                      .limit = out + room, .table = table,
                      .end_of_row = table->is_marked ? END_OF_ROW : '\n'};
    for (int c = 0x80; c < 0x100; c++) s.bytes[c] = HIGH;
    s.bytes[TEXT] = s.bytes[END_OF_TEXT] = s.bytes[END_OF_ROW] = MARK;
    s.bytes['"'] = s.bytes[table->separator] = QUOTED;
    s.bytes['\r'] = s.bytes['\n'] = QUOTED | LINE_END;
    progress->written = progress->rows = 0;
    if (!table->columns) return NO_COLUMNS;
    while (s.at < s.end) {
        if (!row(&s)) return s.is_full ? NO_ROOM : ODD_ROW;
        progress->read = (size_t)(s.at - in);
        progress->written = (size_t)(s.out - out);
        progress->rows++;
    }
    return ALL_READ;
}
