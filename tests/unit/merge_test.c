/* What several producers said, as one. */
#include "bench/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json.h"
#include "bench/report.h"
#include "tests/support/tap.h"

static uint64_t seed = 88172645463325252u;

static uint64_t draw(void) /* xorshift: the same numbers every time */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void fill(struct pm_hist *h, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		pm_hist_record(h, draw() >> (draw() % 50));
}

static bool same(const struct pm_hist *a, const struct pm_hist *b)
{
	CHECK_EQ(a->sub, b->sub);
	CHECK(a->n == b->n && a->over == b->over && a->sum == b->sum);
	CHECK(!a->n || (a->min == b->min && a->max == b->max));
	CHECK(fabs(a->sumsq - b->sumsq) <= 1e-8 * a->sumsq);
	CHECK(!memcmp(a->counts, b->counts, a->size * sizeof(*a->counts)));
	return true;
}

static bool round_trip(unsigned digits, unsigned count)
{
	struct pm_hist h, again;
	struct pm_json json = { 0 };
	bool ok;

	CHECK_EQ(pm_hist_init(&h, digits, NULL), IPC_OK);
	fill(&h, count);
	pm_json_hist(&json, NULL, &h);
	ok = pm_hist_read(&again, json.text) && same(&h, &again);
	pm_json_free(&json);
	pm_hist_free(&h);
	pm_hist_free(&again);
	CHECK(ok);
	return true;
}

static bool histograms_read_back(void)
{
	CHECK(round_trip(2, 0) && round_trip(2, 1) && round_trip(2, 5000));
	CHECK(round_trip(3, 5000));
	return true;
}

static bool what_is_no_histogram(void)
{
	static const char *const bad[] = {
		"", "{}", "[1,2]", "{\"sub\":7}",
		"{\"sub\":9,\"n\":0,\"over\":0,\"sum\":0,\"sumsq\":0,\"b\":[]}",
		"{\"sub\":7,\"n\":1,\"min\":1,\"max\":1,\"over\":0,\"sum\":1,"
		"\"sumsq\":1,\"b\":[1]}",
		"{\"sub\":7,\"n\":1,\"min\":1,\"max\":1,\"over\":0,\"sum\":1,"
		"\"sumsq\":1,\"b\":[99999999,1]}",
	};
	struct pm_hist h;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!pm_hist_read(&h, bad[i]));
	return true;
}

/* Three producers' lines; whole is all that they recorded. */
static void speak(struct pm_merge *m, struct pm_trial *trial,
		  struct pm_hist *whole)
{
	for (unsigned i = 0; i < 3; i++) {
		struct pm_hist h;
		struct pm_json json = { 0 };
		char line[100], *text;

		pm_hist_init(&h, 2, NULL);
		fill(&h, 1000 * (i + 1));
		pm_hist_merge(whole, &h);
		pm_json_hist(&json, NULL, &h);
		text = malloc(json.length + 10);
		sprintf(text, "hist rtt %s", json.text);
		pm_merge_line(m, text);
		pm_merge_client(trial, i, text);
		sprintf(line, "metric producer.cpu_user %u", 100 * (i + 1));
		pm_merge_line(m, line);
		sprintf(line, "metric producer.resident_max %u", 10 - i);
		pm_merge_line(m, line);
		sprintf(line, "metric producer.calls_per_message %u", i);
		pm_merge_line(m, line);
		sprintf(line, "metric rtt_p50 1");
		pm_merge_line(m, line);
		free(text);
		pm_json_free(&json);
		pm_hist_free(&h);
	}
}

static double metric(const struct pm_trial *t, const char *name)
{
	return t->metrics[pm_metric_find(name)];
}

static bool check_merged(const struct pm_trial *t, const struct pm_hist *whole)
{
	struct pm_hist h;
	uint64_t sum = 0;

	CHECK(metric(t, "producer.cpu_user") == 600);
	CHECK(metric(t, "producer.resident_max") == 10);
	CHECK(metric(t, "producer.calls_per_message") == 1);
	CHECK(metric(t, "rtt_p50") == pm_hist_quantile(whole, 0.5));
	CHECK(!strcmp(t->hists[0].name, "rtt") && !t->hists[1].json);
	CHECK(pm_hist_read(&h, t->hists[0].json));
	CHECK(same(&h, whole));
	pm_hist_free(&h);
	for (unsigned i = 0; i < t->client_count; i++) {
		CHECK(!strcmp(t->clients[i].hist_name, "rtt"));
		CHECK(pm_hist_read(&h, t->clients[i].hist));
		sum += h.n;
		pm_hist_free(&h);
	}
	CHECK_EQ(sum, whole->n);
	return true;
}

static bool several_become_one(void)
{
	struct pm_merge *m = calloc(1, sizeof(*m));
	struct pm_trial trial;
	struct pm_hist whole;
	bool ok;

	pm_trial_init(&trial);
	trial.clients = calloc(3, sizeof(*trial.clients));
	trial.client_count = 3;
	pm_hist_init(&whole, 2, NULL);
	speak(m, &trial, &whole);
	ok = !pm_merge_line(m, "value sent 5") &&
	     !pm_merge_line(m, "error 3 4 x\ty");
	pm_merge_tell(m, &trial);
	ok = check_merged(&trial, &whole) && ok;
	pm_merge_free(m);
	free(m);
	pm_hist_free(&whole);
	pm_trial_free(&trial);
	CHECK(ok);
	return true;
}

int main(void)
{
	tap_start(60);
	TEST(histograms_read_back);
	TEST(what_is_no_histogram);
	TEST(several_become_one);
	return tap_done();
}
