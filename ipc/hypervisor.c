#include "ipc/hypervisor.h"

#include <stddef.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static const char *name_of(const char *signature)
{
	static const char *const known[][2] = {
		{ "KVMKVMKVM", "kvm" },       { "Microsoft Hv", "hyper-v" },
		{ "VMwareVMware", "vmware" }, { "XenVMMXenVMM", "xen" },
		{ "TCGTCGTCGTCG", "qemu" },   { "VBoxVBoxVBox", "virtualbox" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(signature, known[i][0]))
			return known[i][1];
	return signature[0] ? signature : "unnamed";
}

/* Only the partition that owns the machine may create others. */
static int creates_partitions(unsigned last_leaf)
{
	unsigned a, b, c, d;

	if (last_leaf < 0x40000003)
		return 0;
	__cpuid(0x40000003, a, b, c, d);
	return b & 1;
}

const char *ipc_hypervisor(char buf[13])
{
	unsigned a, b, c, d, words[3];

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return NULL;
	if (!(c & 1u << 31))
		return "none";
	__cpuid(0x40000000, a, words[0], words[1], words[2]);
	memcpy(buf, words, 12);
	buf[12] = '\0';
	if (!strcmp(buf, "Microsoft Hv") && creates_partitions(a))
		return "hyper-v-root";
	return name_of(buf);
}
#else
const char *ipc_hypervisor(char buf[13])
{
	buf[0] = '\0';
	return NULL;
}
#endif
