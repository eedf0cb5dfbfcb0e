package io.millrace.server.node;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.compaction.throttle.ProducerLoad;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.runtime.SystemAccess;
import java.lang.management.ManagementFactory;

/** What this process takes in, and how busy the machine is, or its share of it in a container. */
@SystemAccess("asks how busy the processors are")
final class LocalProducerLoad implements ProducerLoad {

    private final OperatingSystemMXBean machine =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final IngestMetrics ingest;

    LocalProducerLoad(IngestMetrics ingest) {
        this.ingest = ingest;
    }

    /** Busy is 0 where the machine does not tell. */
    @Override
    public Load now() {
        return new Load(ingest.bytes(), Math.max(0, machine.getCpuLoad()), ingest.backlog());
    }
}
