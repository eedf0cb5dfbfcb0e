package io.millrace.server.node;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.runtime.SystemAccess;
import java.lang.management.ManagementFactory;

/**
 * The ingest load of this process, with the CPU load of the machine or of the container's share.
 */
@SystemAccess("reads the CPU load")
final class LocalProducerLoad implements ProducerLoad {

    private final OperatingSystemMXBean machine =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final IngestMetrics ingest;

    LocalProducerLoad(IngestMetrics ingest) {
        this.ingest = ingest;
    }

    /** The CPU load is 0 on machines that do not report a load. */
    @Override
    public Load current() {
        return new Load(
                ingest.bytes(),
                Math.max(0, machine.getCpuLoad()),
                machine.getAvailableProcessors(),
                ingest.backlog());
    }
}
