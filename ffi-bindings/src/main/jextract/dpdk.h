/* The headers that jextract reads for the bindings of DPDK's ABI 23 (22.11) and of libpcap's filter compiler. What is taken from them is in dpdk.includes. */
#include <rte_version.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_eal.h>
#include <rte_dev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_mbuf.h>
#include <rte_ethdev.h>
#include <rte_ring.h>
#include <rte_eth_ring.h>
#include <rte_malloc.h>
#include <rte_acl.h>
#include <rte_bpf.h>
#include <pcap/pcap.h>
