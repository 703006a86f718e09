"""Kinds of evidence about machines and containers.

A share of a processor is of all its cores; `busy` leaves out waiting for disks (iowait). "max" is the highest sample,
which is itself the mean of its interval: a short peak inside it is not seen.
"""

Units = dict[str, str]

_SAMPLED: Units = {
    "samples": "1",
    "interval_s": "s",  # between two samples
    "window_s": "s",
}
_BUSY: Units = {"busy_mean": "share", "busy_p95": "share", "busy_max": "share"}

KINDS: dict[str, Units] = {
    # subject: host, "host" when the file does not name it. attrs: peak_clock (when busiest, as the file prints it)
    "host.cpu": {
        **_SAMPLED,
        **_BUSY,
        "user_mean": "share",
        "system_mean": "share",
        "iowait_mean": "share",
        "iowait_max": "share",
        "steal_mean": "share",
        "steal_max": "share",
        "run_queue_mean": "1",  # tasks that run or wait for a core
        "run_queue_max": "1",
        "load_1m_max": "1",
        "blocked_max": "1",  # tasks that wait for a disk
        "context_switches_per_s_max": "1/s",
        "cpus": "1",
        "restarts": "1",
    },
    # subject: host
    "host.memory": {
        **_SAMPLED,
        "total_bytes": "bytes",
        "available_bytes_min": "bytes",
        "available_share_min": "share",
        "swap_used_bytes_max": "bytes",
        "swap_used_share_max": "share",
        "swapping_samples": "1",  # with pages moved to or from swap
        "major_faults_per_s_max": "1/s",
    },
    # subject: device
    "host.disk": {
        **_SAMPLED,
        **_BUSY,
        "await_ms_max": "ms",
        "queue_mean": "1",
        "queue_max": "1",
        "ops_per_s_mean": "1/s",
        "ops_per_s_max": "1/s",
        "read_bytes_per_s_mean": "bytes/s",
        "read_bytes_per_s_max": "bytes/s",
        "write_bytes_per_s_mean": "bytes/s",
        "write_bytes_per_s_max": "bytes/s",
    },
    # subject: interface, without the loopback
    "host.network": {
        **_SAMPLED,
        "busy_max": "share",
        "received_bytes_per_s_mean": "bytes/s",
        "received_bytes_per_s_max": "bytes/s",
        "sent_bytes_per_s_mean": "bytes/s",
        "sent_bytes_per_s_max": "bytes/s",
        "drops_per_s_max": "1/s",
    },
    # subject: mount point. used_share is of what users may fill, as df counts it
    "host.filesystem": {
        "size_bytes": "bytes",
        "used_bytes": "bytes",
        "available_bytes": "bytes",
        "used_share": "share",
        "inodes_used_share": "share",
    },
    # subject: container, pod (namespace/pod), node or process type. attrs: type ("container" | "pod" | "node" |
    # "dyno")
    "container.usage": {
        "samples": "1",
        "window_s": "s",  # over which the counters grew
        "cpu_cores_mean": "1",
        "cpu_cores_max": "1",
        "cpu_share_max": "share",  # of a node
        "memory_bytes_max": "bytes",
        "memory_limit_bytes": "bytes",  # the host's memory where no limit is set
        "memory_share_max": "share",
        "memory_exceeded": "1",  # times the platform said that it needs more than it may have
        "processes_max": "1",
        "periods": "1",  # of 100 ms in which it ran, and those in which its limit of CPU stopped it
        "throttled_periods": "1",
        "throttled_share": "share",
        "restarts": "1",
        "out_of_memory": "1",  # times that it was ended at its memory limit
    },
}
