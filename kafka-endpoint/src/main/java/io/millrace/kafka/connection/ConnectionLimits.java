package io.millrace.kafka.connection;

import io.millrace.kafka.wire.FrameLimits;
import java.time.Duration;

/**
 * Limits of one connection. At a limit, the connection is not read until answers are written.
 *
 * @param requests the maximum number of requests without a written answer
 * @param keptBytes the maximum size of requests whose bytes handlers keep, and of the decoded
 *     fields of large ones; one request may exceed it
 * @param idle the time without bytes after which a connection without pending requests is closed
 * @param stalled the time without progress after which a connection with unread answers is closed
 */
public record ConnectionLimits(
        FrameLimits frames, int requests, int keptBytes, Duration idle, Duration stalled) {

    public static final ConnectionLimits STANDARD =
            new ConnectionLimits(
                    FrameLimits.STANDARD,
                    128,
                    32 << 20,
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(1));
}
