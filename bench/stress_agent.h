#ifndef PM_STRESS_AGENT_H
#define PM_STRESS_AGENT_H
/*
 * Stressors that are no trial: a round is a cast of agents, processes of this
 * same program, each with a part to play, a control channel and a deadline.
 */
#include "bench/stress.h"
#include "ipc/proc.h"

/* Inside an agent. */
struct pm_agent {
	struct pm_stress_cell  cell;
	struct ipc_channel     channel;
	char                   name[IPC_TEXT_MAX]; /* of the link, if named */
	const char            *file;   /* to write, or NULL */
	uint64_t               count;  /* how much to do */
	uint64_t               random; /* state */
	const char            *plant;
	struct pm_stress_found found;
	char                   why[IPC_NAME_MAX * 2];
};

struct pm_role {
	const char *name;
	void      (*play)(struct pm_agent *a);
};
extern const struct pm_role pm_roles[]; /* ended by a NULL name */

/* `pipemark stress --agent ROLE ...`: returns the exit status. */
int pm_agent_main(int argc, char **argv);
void pm_agent_broken(struct pm_agent *a, const char *what,
		     const struct ipc_err *err);
uint64_t pm_agent_draw(struct pm_agent *a, uint64_t lo, uint64_t hi);
/* The cast says so when the worker that it was about has gone. */
bool pm_agent_told_to_stop(struct pm_agent *a);

/* One side of a link with its hub; zero it first. */
struct pm_side {
	const struct ipc_engine *engine;
	struct ipc_link          link;
	struct ipc_hub          *hub;
	struct ipc_end          *end;
	struct ipc_err           err;
};
#define PM_SIDE_INIT { .link = IPC_LINK_INIT }
/* Both sides of an unnamed link in this process, attached. */
enum ipc_rc pm_sides_open(struct pm_agent *a, struct pm_side *near_side,
			  struct pm_side *far_side);
enum ipc_rc pm_side_attach(struct pm_agent *a, struct pm_side *side,
			   const struct ipc_engine *engine);
void pm_side_close(struct pm_side *side);
/* Message seq of length bytes; flushed. */
enum ipc_rc pm_side_send(struct pm_side *side, size_t length, uint64_t seq);
/* IPC_CORRUPT if it is not message seq. */
enum ipc_rc pm_side_take(struct pm_side *side, size_t length, uint64_t seq);

/* The runner's side. */
struct pm_part {
	const char *role;
	uint64_t    count;
	const char *file;    /* for it to write and to remove, or NULL */
	uint64_t    kill_ns; /* killed so long after its start; 0: not */
	bool        last;    /* starts when all before it, but the first, ended */
	bool        victim;  /* pipemark-consumer; must refuse whoever comes */
	bool        caller;  /* pipemark-producer; meets an impostor */
};
enum { PM_PARTS_MAX = 8 };
/* A named cell as pm_stress_cell finds it, and a name; false with a finding. */
bool pm_cast_cell(struct pm_stress *s, const char *const *settings,
		  struct pm_stress_cell *cell, char name[IPC_TEXT_MAX]);
/* Plays to the end; what the agents found goes to s. */
void pm_cast(struct pm_stress *s, const struct pm_stress_cell *cell,
	     const char *name, const struct pm_part *parts, size_t count);

/* The rounds, and their roles. */
void pm_stress_open_close(struct pm_stress *s);
void pm_stress_many(struct pm_stress *s);
void pm_stress_cancel(struct pm_stress *s);
void pm_stress_resize(struct pm_stress *s);
void pm_stress_connect(struct pm_stress *s);
void pm_stress_abandon(struct pm_stress *s);
void pm_stress_names(struct pm_stress *s);
void pm_stress_hostile(struct pm_stress *s);
void pm_stress_flood(struct pm_stress *s);
void pm_stress_impostor(struct pm_stress *s);
void pm_stress_gone(struct pm_stress *s);
void pm_stress_disk(struct pm_stress *s);
enum ipc_rc pm_stress_can_fill(struct ipc_err *err);
enum ipc_rc pm_stress_can_resize(struct ipc_err *err);
void pm_role_opener(struct pm_agent *a);
void pm_role_hoarder(struct pm_agent *a);
void pm_role_canceller(struct pm_agent *a);
void pm_role_resizer(struct pm_agent *a);
void pm_role_server(struct pm_agent *a);
void pm_role_client(struct pm_agent *a);
void pm_role_stray(struct pm_agent *a);
void pm_role_closer(struct pm_agent *a);
void pm_role_namer(struct pm_agent *a);
void pm_role_squatter(struct pm_agent *a);
void pm_role_stranger(struct pm_agent *a);
void pm_role_flooder(struct pm_agent *a);
void pm_role_impostor(struct pm_agent *a);
void pm_role_mute(struct pm_agent *a);
void pm_role_jilted(struct pm_agent *a);
void pm_role_thief(struct pm_agent *a);
void pm_role_filler(struct pm_agent *a);

#endif
