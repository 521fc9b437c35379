#ifndef IPC_HYPERVISOR_H
#define IPC_HYPERVISOR_H
/*
 * What the processor says about the machine it belongs to, on both systems:
 * CPUID leaf 1, ECX bit 31 (a hypervisor is there) and the signature in leaf
 * 40000000h (Intel SDM 2A CPUID, AMD APM 3 E.3; both reserve the leaf for it).
 * Hyper-V says in leaf 40000003h, EBX bit 0 (CreatePartitions, Microsoft's
 * TLFS) that this is the system that owns the machine.
 */

/*
 * "none", "kvm", "hyper-v", ...; the signature itself in buf if it has no
 * common name.  "hyper-v-root": no virtual machine, but the Windows above whose
 * hypervisor they run, as most of Windows 11.  NULL where no CPUID
 * instruction exists.
 */
const char *ipc_hypervisor(char buf[13]);

#endif
