#ifndef PM_TEXT_H
#define PM_TEXT_H
/* Text for people: as wide as the terminal, aligned, without surprises. */
#include <stdio.h>

/* Columns to use: the terminal's, within reason; 80 where there is none. */
unsigned pm_text_width(FILE *out);

/*
 * Words of text from column at on, further lines indented; a word longer than
 * a line is left whole.  Ends the line.
 */
void pm_text_wrap(FILE *out, unsigned width, unsigned at, unsigned indent,
		  const char *text);

/*
 * "  name      text ...": one row of a list whose texts begin at column
 * indent; a name that is too long has a line to itself.
 */
void pm_text_row(FILE *out, unsigned width, unsigned indent, const char *name,
		 const char *text);

/*
 * The last thing a program does: its exit status, which is another one if
 * standard output could not take all that was said.
 */
int pm_text_said(const char *program, int status);

#endif
