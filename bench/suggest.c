#include "bench/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 32 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], *before = rows[0], *up = rows[1];
	size_t *row = rows[2], a_size = strlen(a), b_size = strlen(b);

	if (a_size > WORD_MAX || b_size > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_size; j++)
		up[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = smaller(up[j - 1] + !same,
					 smaller(up[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		size_t *oldest = before;
		before = up;
		up = row;
		row = oldest;
	}
	return up[b_size];
}

void pm_suggest_start(struct pm_suggest *s, const char *word)
{
	*s = (struct pm_suggest){ .word = word, .distance = SIZE_MAX };
}

/* A third of the letters may be wrong, and one of two or three. */
static size_t allowed(size_t size)
{
	return size < 6 ? 1 : size / 3;
}

/* So much longer or shorter that no distance has to be worked out. */
static bool is_far(size_t a, size_t b)
{
	return (a > b ? a - b : b - a) > allowed(a);
}

void pm_suggest_offer(struct pm_suggest *s, const char *candidate)
{
	size_t size = strlen(s->word), d = SIZE_MAX;

	if (!is_far(size, strlen(candidate)))
		d = distance(s->word, candidate);
	/* "unix" means one of unix-stream and unix-seqpacket */
	if (d && size >= 3 && !strncmp(s->word, candidate, size))
		d = 1;
	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
	}
}

const char *pm_suggest_best(const struct pm_suggest *s)
{
	size_t size = strlen(s->word);

	if (size < 2 || s->distance > allowed(size))
		return NULL;
	return s->best;
}
