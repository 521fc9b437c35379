#include "bench/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/digest.h"
#include "bench/result_records.h"
#include "bench/stress_record.h"
#include "ipc/clock.h"
#include "ipc/sys.h"

enum { SAME_SECOND_MAX = 10 }; /* that begin in one second */

struct pm_result {
	FILE          *file;
	char           path[IPC_NAME_MAX];
	char           id[32];
	struct pm_json json;   /* the line being made */
	uint64_t       digest; /* of the lines before it */
	uint64_t       trials, failed;
	unsigned       skipped;
	enum ipc_rc    broken; /* a write failed, with this class */
	struct ipc_err why;
};

const char *pm_result_id(const struct pm_result *result)
{
	return result->id;
}

/* One write of all that is in the buffer. */
static enum ipc_rc append(struct pm_result *r, struct ipc_err *err)
{
	struct pm_json *j = &r->json;

	if (!r->broken && j->failed)
		r->broken = ipc_refuse(&r->why, IPC_NOMEM, "write result",
				       "out of memory");
	if (!r->broken && fwrite(j->text, 1, j->length, r->file) != j->length)
		r->broken = ipc_fail(&r->why, "write", r->path);
	if (!r->broken && fflush(r->file) != 0)
		r->broken = ipc_fail(&r->why, "flush", r->path);
	if (!r->broken)
		r->digest = pm_digest(r->digest, j->text, j->length);
	else if (err)
		*err = r->why;
	pm_json_reset(j);
	return r->broken;
}

/* 16 hex digits, the first one a letter: never taken for a number. */
static enum ipc_rc make_id(char *buf, size_t size, struct ipc_err *err)
{
	uint64_t id;
	enum ipc_rc rc = ipc_random(&id, sizeof(id), err);

	if (rc)
		return rc;
	id = id >> 4 | (10 + id % 6) << 60;
	snprintf(buf, size, "%016" PRIx64, id);
	return IPC_OK;
}

static enum ipc_rc write_head(struct pm_result *r, const struct pm_plan *plan,
			      struct ipc_err *err)
{
	struct pm_env env;
	enum ipc_rc rc = pm_env_collect(&env, err);

	if (rc)
		return rc;
	pm_record_run(&r->json, plan, r->id);
	rc = append(r, err);
	pm_record_env(&r->json, &env);
	pm_env_free(&env);
	if (!rc)
		rc = append(r, err);
	for (unsigned i = 0; !rc && i < plan->cell_count; i++)
		for (unsigned arm = 0; !rc && arm < plan->arms; arm++) {
			pm_record_cell(&r->json, plan, i, arm);
			rc = append(r, err);
		}
	return rc;
}

static struct pm_result *new_result(const char *path,
				    const struct pm_plan *plan)
{
	struct pm_result *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	snprintf(r->path, sizeof(r->path), "%s", path);
	r->digest = PM_DIGEST_START;
	r->skipped = pm_plan_skipped(plan);
	return r;
}

/* Unbuffered, so that a record is one write and never a part of one. */
static void take_file(struct pm_result *r, FILE *file)
{
	r->file = file;
	setvbuf(file, NULL, _IONBF, 0);
}

enum ipc_rc pm_result_create(const char *path, const struct pm_plan *plan,
			     struct pm_result **out, struct ipc_err *err)
{
	struct pm_result *r = new_result(path, plan);
	FILE *file = NULL;
	enum ipc_rc rc;

	*out = NULL;
	if (!r)
		return ipc_refuse(err, IPC_NOMEM, "create result", path);
	rc = make_id(r->id, sizeof(r->id), err);
	if (rc)
		goto failed;
	file = ipc_file_create(path, &r->why);
	if (!file) {
		rc = r->why.rc;
		if (err)
			*err = r->why;
		goto failed;
	}
	take_file(r, file);
	rc = write_head(r, plan, err);
	if (!rc) {
		*out = r;
		return IPC_OK;
	}
failed:
	pm_result_close(r);
	if (file) /* without a plan it is of no use, and in the way of the next */
		ipc_file_remove(path);
	return rc;
}

enum ipc_rc pm_result_create_named(const char *prefix,
				   char path[PM_RESULT_PATH_MAX],
				   const struct pm_plan *plan,
				   struct pm_result **out, struct ipc_err *err)
{
	time_t now = (time_t)(ipc_wall_ns() / 1000000000u);
	char node[64], utc[32], more[16] = "";
	enum ipc_rc rc = IPC_BUSY;

	ipc_node_name(node, sizeof(node));
	strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", gmtime(&now));
	for (int n = 2; rc == IPC_BUSY && n <= SAME_SECOND_MAX; n++) {
		snprintf(path, PM_RESULT_PATH_MAX, "%s-%s-%s%s.jsonl", prefix,
			 node, utc, more);
		rc = pm_result_create(path, plan, out, err);
		snprintf(more, sizeof(more), "-%d", n);
	}
	return rc;
}

enum ipc_rc pm_result_trial(struct pm_result *r, const struct pm_plan *plan,
			    const struct pm_trial *trial, struct ipc_err *err)
{
	enum ipc_rc rc;

	pm_record_trial(&r->json, plan, trial);
	rc = append(r, err);
	if (rc)
		return rc;
	r->trials++;
	r->failed += !trial->ok;
	return IPC_OK;
}

enum ipc_rc pm_result_canary(struct pm_result *r, unsigned round,
			     const struct pm_canary *canary,
			     struct ipc_err *err)
{
	pm_record_canary(&r->json, round, canary);
	return append(r, err);
}

enum ipc_rc pm_result_stress(struct pm_result *r, const struct pm_stress *s,
			     struct ipc_err *err)
{
	pm_record_stress(&r->json, s);
	return append(r, err);
}

enum ipc_rc pm_result_finish(struct pm_result *r, bool interrupted,
			     struct ipc_err *err)
{
	char digest[32];
	enum ipc_rc rc;

	snprintf(digest, sizeof(digest), "fnv1a64:%016" PRIx64, r->digest);
	pm_json_open(&r->json, NULL, '{');
	pm_json_str(&r->json, "t", "end");
	pm_json_u64(&r->json, "trials", r->trials);
	pm_json_u64(&r->json, "failed", r->failed);
	pm_json_u64(&r->json, "skipped_cells", r->skipped);
	pm_json_bool(&r->json, "interrupted", interrupted);
	pm_json_str(&r->json, "digest", digest);
	pm_json_close(&r->json, '}');
	pm_json_newline(&r->json);
	rc = append(r, err);
	if (fclose(r->file) != 0 && !rc)
		rc = ipc_fail(err, "close", r->path);
	r->file = NULL;
	pm_result_close(r);
	return rc;
}

void pm_result_close(struct pm_result *r)
{
	if (!r)
		return;
	if (r->file)
		fclose(r->file);
	pm_json_free(&r->json);
	free(r);
}

static enum ipc_rc open_behind(struct pm_result *r, const struct pm_past *past,
			       struct ipc_err *err)
{
	FILE *file = ipc_file_open(r->path, "r+b", &r->why);
	enum ipc_rc rc;

	if (!file) {
		if (r->why.rc == IPC_BUSY)
			ipc_refusef(&r->why, IPC_BUSY, "resume result",
				    "%.180s is being written by another "
				    "program", r->path);
		if (err)
			*err = r->why;
		return r->why.rc;
	}
	take_file(r, file);
	rc = ipc_file_truncate(file, past->whole_bytes, err);
	if (rc)
		return rc;
	if (fseek(file, 0, SEEK_END) != 0)
		return ipc_fail(err, "seek", r->path);
	return IPC_OK;
}

enum ipc_rc pm_result_resume(const char *path, const struct pm_past *past,
			     struct pm_result **out, struct ipc_err *err)
{
	struct pm_result *r = new_result(path, &past->plan);
	enum ipc_rc rc;

	*out = NULL;
	if (!r)
		return ipc_refuse(err, IPC_NOMEM, "resume result", path);
	rc = open_behind(r, past, err);
	if (rc) {
		pm_result_close(r);
		return rc;
	}
	snprintf(r->id, sizeof(r->id), "%s", past->run_id);
	r->digest = past->digest;
	r->trials = past->done_count;
	for (size_t i = 0; i < past->done_count; i++)
		r->failed += !past->done[i].ok;
	*out = r;
	return IPC_OK;
}
