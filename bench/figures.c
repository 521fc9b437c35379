/* Numbers and names as people read them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/knob.h"
#include "bench/summary_rows.h"

const char *pm_bold(const struct pm_screen *s)
{
	return s->color ? "\033[1m" : "";
}

const char *pm_plain(const struct pm_screen *s)
{
	return s->color ? "\033[0m" : "";
}

struct pm_scale pm_scale_ns(double ns)
{
	if (ns < 1e3)
		return (struct pm_scale){ 1, "ns" };
	if (ns < 1e6)
		return (struct pm_scale){ 1e3, "us" };
	if (ns < 1e9)
		return (struct pm_scale){ 1e6, "ms" };
	return (struct pm_scale){ 1e9, "s" };
}

struct pm_scale pm_scale_bytes(double bytes_per_s)
{
	if (bytes_per_s < 1e6)
		return (struct pm_scale){ 1e3, "kB/s" };
	return (struct pm_scale){ 1e6, "MB/s" };
}

const char *pm_figure(double value, double divisor, char buf[24])
{
	double v = value / divisor;
	int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	if (isnan(v))
		snprintf(buf, 24, "-");
	else
		snprintf(buf, 24, "%.*f", decimals, v);
	return buf;
}

const char *pm_figure_count(double value, char buf[24])
{
	double divisor = value < 1e4 ? 1 : value < 1e6 ? 1e3 : 1e6;

	if (value < 1e4)
		snprintf(buf, 24, "%.0f", value);
	else
		pm_figure(value, divisor, buf);
	if (value >= 1e4)
		strcat(buf, divisor < 1e6 ? "k" : "M");
	return isnan(value) ? "-" : buf;
}

const char *pm_figure_ns(double value, char buf[24])
{
	struct pm_scale scale = pm_scale_ns(value);

	if (isnan(value))
		return "-";
	pm_figure(value, scale.divisor, buf);
	strcat(buf, " ");
	return strcat(buf, scale.name);
}

const char *pm_group_title(const struct pm_group *g, char *buf, size_t size)
{
	const struct pm_config *c = g->asked;
	bool pingpong = c->workload == PM_WORKLOAD_PINGPONG;
	bool paced = c->workload == PM_WORKLOAD_PACED;
	char rate[PM_VALUE_MAX];
	char message[PM_VALUE_MAX], least[PM_VALUE_MAX], reply[PM_VALUE_MAX];

	pm_print_u64(c->message, UNIT_BYTES, message);
	pm_print_u64(c->message_min, UNIT_BYTES, least);
	pm_print_u64(c->reply, UNIT_BYTES, reply);
	pm_print_u64(c->rate, UNIT_PER_SECOND, rate);
	snprintf(buf, size, "%s%s%s%s%s, message %s%s%s%s%s%s%s%s",
		 g->about->workload, paced ? " " : "", paced ? rate : "",
		 paced ? "/s" : "",
		 paced && c->arrival == PM_ARRIVAL_POISSON ? " (poisson)" : "",
		 c->message_min < c->message ? least : "",
		 c->message_min < c->message ? ".." : "", message,
		 pingpong && c->reply != c->message ? ", reply " : "",
		 pingpong && c->reply != c->message ? reply : "",
		 c->verify ? ", verified" : "",
		 g->conditions[0] ? ", " : "", g->conditions);
	return buf;
}

const char *pm_row_label(const struct pm_plan *plan, const struct pm_row *row,
			 char *buf, size_t size)
{
	bool engines = strcmp(row->engines, "blocking") != 0;

	snprintf(buf, size, "%s%s%s%s%s%s", row->transport,
		 engines ? " " : "", engines ? row->engines : "",
		 row->settings[0] ? ", " : "", row->settings,
		 plan->arms < 2 ? "" : row->arm ? " (arm b)" : " (arm a)");
	return buf;
}
