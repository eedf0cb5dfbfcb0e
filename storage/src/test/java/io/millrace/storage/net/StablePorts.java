package io.millrace.storage.net;

import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * TCP ports for the servers of tests. A server can restart at its port: the operating system
 * assigns no port of this range to an outgoing connection.
 *
 * <p>A JVM reserves ports in blocks. It listens at the first port of a block until it exits, so
 * that test JVMs that run at the same time never return the same port. Thread-safe.
 */
@SystemAccess("reserves ports of the machine")
public final class StablePorts {

    private static final int FIRST = 10_000;
    private static final int BLOCK_SIZE = 100;

    /** Linux assigns the ports from 32,768 to outgoing connections. */
    private static final int BLOCKS = (32_700 - FIRST) / BLOCK_SIZE;

    private static final StablePorts OF_THIS_JVM = new StablePorts();

    /** The reservations, which end with the JVM. */
    private final List<ServerSocket> reserved = new ArrayList<>();

    private int next;
    private int end;

    private StablePorts() {}

    /** Returns a port at which no server listens. Each call returns another port. */
    public static int next() {
        return OF_THIS_JVM.nextPort();
    }

    private synchronized int nextPort() {
        while (true) {
            if (next == end) {
                reserveBlock();
            }
            int port = next++;
            if (isFree(port)) {
                return port;
            }
        }
    }

    /** Another program may use a port without a reservation. */
    private static boolean isFree(int port) {
        try (ServerSocket free = new ServerSocket(port)) {
            return free.getLocalPort() == port;
        } catch (IOException inUse) {
            return false;
        }
    }

    private void reserveBlock() {
        int start = (int) (ProcessHandle.current().pid() % BLOCKS);
        for (int i = 0; i < BLOCKS; i++) {
            int first = FIRST + (start + i) % BLOCKS * BLOCK_SIZE;
            try {
                reserved.add(new ServerSocket(first, 1, InetAddress.getLoopbackAddress()));
                next = first + 1;
                end = first + BLOCK_SIZE;
                return;
            } catch (IOException reservedByAnother) {
                // Try the next block.
            }
        }
        throw new IllegalStateException("All blocks of ports are reserved by running test JVMs.");
    }
}
