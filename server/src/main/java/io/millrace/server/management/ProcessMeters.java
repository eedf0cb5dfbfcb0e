package io.millrace.server.management;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.util.internal.PlatformDependent;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Process metrics that Micrometer's own binders lack. */
@Singleton
final class ProcessMeters implements MeterBinder {

    private static final Path STATUS = Path.of("/proc/self/status");

    @Override
    public void bindTo(MeterRegistry registry) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FunctionCounter.builder(
                        "millrace.process.allocated",
                        threads,
                        ThreadMXBean::getTotalThreadAllocatedBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.process.resident", () -> statusBytes("VmRSS:"))
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.process.resident.peak", () -> statusBytes("VmHWM:"))
                .baseUnit("bytes")
                .register(registry);
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Gauge.builder(
                        "millrace.process.memory.limit",
                        system,
                        OperatingSystemMXBean::getTotalMemorySize)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.process.heap", Runtime.getRuntime(), Runtime::totalMemory)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("millrace.process.direct", ProcessMeters::directBytes)
                .baseUnit("bytes")
                .register(registry);
    }

    /** Returns the direct memory in use by the JDK's buffer pool and Netty's own accounting. */
    private static double directBytes() {
        long netty = Math.max(0, PlatformDependent.usedDirectMemory());
        return netty
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToDouble(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }

    /** Returns a line of {@code /proc/self/status} in bytes; NaN where the line is missing. */
    private static double statusBytes(String line) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(at -> at.startsWith(line))
                    .mapToDouble(at -> 1024 * Double.parseDouble(at.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException notLinux) {
            return Double.NaN;
        }
    }
}
