package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboundAdmissionTest {

    private static final int MESSAGE_BYTES = 16_000_000;
    private static final int BYTES = 36_000_000;

    /** Above this, connections beyond their allowance wait. */
    private static final int TIGHT_BYTES = (BYTES - MESSAGE_BYTES) / 2;

    private final List<Integer> changes = new ArrayList<>();
    private int turnsWanted;
    private final InboundAdmission turns =
            new InboundAdmission(BYTES, MESSAGE_BYTES, () -> turnsWanted++);

    @Test
    void allConnectionsSendWhileThereIsRoom() {
        InboundAdmission.InboundSender a = join(0);
        turns.addBytes(a, TIGHT_BYTES);
        assertThat(turns.mayProceed(a)).isTrue();
        assertThat(turnsWanted).isZero();
        assertThat(changes).isEmpty();
    }

    @Test
    void connectionsAboveTheAllowanceWaitAndOthersSend() {
        InboundAdmission.InboundSender large = join(0);
        InboundAdmission.InboundSender small = join(1);
        turns.addBytes(small, InboundAdmission.MAX_ALLOWANCE);
        turns.addBytes(large, TIGHT_BYTES);
        assertThat(turns.mayProceed(large)).isFalse();
        assertThat(turns.mayProceed(small)).isTrue();
        assertThat(changes).containsExactly(0);
        assertThat(turnsWanted).isEqualTo(1);
        turns.addBytes(small, 1);
        assertThat(turns.mayProceed(small)).isFalse();
    }

    @Test
    void turnsAreFirstComeFirstServed() {
        InboundAdmission.InboundSender a = join(0);
        InboundAdmission.InboundSender b = join(1);
        InboundAdmission.InboundSender c = join(2);
        turns.addBytes(c, TIGHT_BYTES + 1);
        turns.addBytes(a, 100_000);
        turns.addBytes(b, 100_000);
        for (InboundAdmission.InboundSender next : List.of(c, a, b)) {
            assertThat(turns.mayProceed(next)).isFalse();
            turns.beginTurn();
            assertThat(turns.mayProceed(next)).isTrue();
            // Keeps memory tight until the end.
            turns.addBytes(next, TIGHT_BYTES);
            turns.releaseBytes(next, next == c ? 2 * TIGHT_BYTES + 1 : 100_000 + TIGHT_BYTES);
            if (next == c) {
                turns.addBytes(join(3), TIGHT_BYTES);
            }
        }
    }

    @Test
    void aTurnIsRequestedOnceUntilItBegins() {
        InboundAdmission.InboundSender a = join(0);
        InboundAdmission.InboundSender b = join(1);
        turns.addBytes(a, TIGHT_BYTES + 1);
        turns.addBytes(b, TIGHT_BYTES);
        assertThat(turnsWanted).isEqualTo(1);
        turns.beginTurn();
        assertThat(turnsWanted).isEqualTo(1);
        turns.unregister(a);
        assertThat(turnsWanted).isEqualTo(2);
    }

    @Test
    void allConnectionsSendAgainWhenThreeQuartersAreFree() {
        InboundAdmission.InboundSender a = join(0);
        InboundAdmission.InboundSender b = join(1);
        turns.addBytes(a, TIGHT_BYTES + 1);
        turns.addBytes(b, TIGHT_BYTES / 2);
        turns.releaseBytes(a, TIGHT_BYTES + 1);
        assertThat(turns.isTight()).isFalse();
        assertThat(turns.mayProceed(b)).isTrue();
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void aConnectionThatLeavesGivesItsTurnToTheNext() {
        InboundAdmission.InboundSender a = join(0);
        InboundAdmission.InboundSender b = join(1);
        turns.addBytes(a, TIGHT_BYTES + 1);
        turns.addBytes(b, TIGHT_BYTES);
        turns.beginTurn();
        turns.unregister(a);
        turns.beginTurn();
        assertThat(turns.mayProceed(b)).isTrue();
        turns.releaseBytes(a, TIGHT_BYTES + 1);
        assertThat(turns.inboundBytes()).isEqualTo(TIGHT_BYTES);
    }

    @Test
    void aTurnWithoutProgressEndsAndOneWithProgressContinues() {
        InboundAdmission.InboundSender a = join(0);
        InboundAdmission.InboundSender b = join(1);
        turns.addBytes(a, TIGHT_BYTES + 1);
        turns.addBytes(b, TIGHT_BYTES);
        turns.beginTurn();
        assertThat(turns.endStalledTurn()).as("it may just have begun").isEmpty();
        turns.addBytes(a, InboundAdmission.MIN_PROGRESS);
        assertThat(turns.endStalledTurn()).isEmpty();
        turns.addBytes(a, InboundAdmission.MIN_PROGRESS - 1);
        assertThat(turns.endStalledTurn()).containsSame(a);
        assertThat(turns.mayProceed(a)).isFalse();
        turns.beginTurn();
        assertThat(turns.mayProceed(b)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 50, 350})
    void everyMessageCompletesAndMemoryStaysWithinTheLimit(int connections) {
        for (long seed = 0; seed < 10; seed++) {
            Arrivals arrivals = new Arrivals(seed, connections, 1);
            arrivals.runToTheEnd();
            assertThat(arrivals.maxBytes)
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(BYTES + connections * (long) Arrivals.WINDOW);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 60})
    void messagesOfConnectionsWithManyStreamsComplete(int connections) {
        for (long seed = 0; seed < 10; seed++) {
            new Arrivals(seed, connections, 20).runToTheEnd();
        }
    }

    private InboundAdmission.InboundSender join(int number) {
        return turns.register(() -> changes.add(number));
    }

    /** Connections that use their whole windows, in an order determined by the seed. */
    private static final class Arrivals {

        static final int WINDOW = 90_000;

        private final SplittableRandom random;
        private final List<Connection> all = new ArrayList<>();
        private final Set<Integer> reported = new TreeSet<>();
        private final InboundAdmission turns =
                new InboundAdmission(BYTES, MESSAGE_BYTES, () -> turnWanted = true);
        private boolean turnWanted;
        private long maxBytes;

        Arrivals(long seed, int connections, int streams) {
            random = new SplittableRandom(seed);
            for (int i = 0; i < connections; i++) {
                all.add(new Connection(i, streams));
            }
        }

        void runToTheEnd() {
            List<Connection> able = new ArrayList<>();
            do {
                if (random.nextInt(20) == 0) {
                    passOn();
                }
                all.stream().filter(Connection::canSend).forEach(able::add);
                if (!able.isEmpty()) {
                    Connection next = able.get(random.nextInt(able.size()));
                    next.read();
                    long credits = all.stream().mapToLong(connection -> connection.credit).sum();
                    maxBytes = Math.max(maxBytes, turns.inboundBytes() + credits);
                    able.clear();
                } else if (!passOn()) {
                    break;
                }
            } while (true);
            assertThat(all).allMatch(Connection::isDone, "has sent all its messages");
            assertThat(turns.inboundBytes()).isZero();
            assertThat(turns.waiting()).isZero();
        }

        /** Runs handed-over callbacks late. */
        private boolean passOn() {
            boolean any = turnWanted || !reported.isEmpty();
            if (turnWanted) {
                turnWanted = false;
                turns.beginTurn();
            }
            reported.forEach(number -> all.get(number).receive());
            reported.clear();
            return any;
        }

        private final class Connection {

            private final InboundAdmission.InboundSender sender;
            private final int[] missing;
            private final int[] arrived;
            private final int[] messages;
            private int credit = WINDOW;
            private boolean goesOn = true;

            Connection(int number, int streams) {
                sender = turns.register(() -> reported.add(number));
                missing = new int[streams];
                arrived = new int[streams];
                messages = new int[streams];
                for (int i = 0; i < streams; i++) {
                    messages[i] = random.nextInt(1, 4);
                    missing[i] = messageBytes();
                }
            }

            private int messageBytes() {
                return switch (random.nextInt(10)) {
                    case 0 -> random.nextInt(1, MESSAGE_BYTES / 4);
                    case 1, 2, 3 -> random.nextInt(1, 2_000);
                    default -> random.nextInt(1, 1_000_000);
                };
            }

            boolean isDone() {
                for (int left : messages) {
                    if (left > 0) {
                        return false;
                    }
                }
                return true;
            }

            boolean canSend() {
                return credit > 0 && !isDone();
            }

            void read() {
                receive();
                int stream = random.nextInt(messages.length);
                while (messages[stream] == 0) {
                    stream = (stream + 1) % messages.length;
                }
                int bytes = Math.min(random.nextInt(1, 64_000), Math.min(credit, missing[stream]));
                credit -= bytes;
                if (goesOn) {
                    credit = WINDOW;
                }
                missing[stream] -= bytes;
                arrived[stream] += bytes;
                turns.addBytes(sender, bytes);
                if (missing[stream] == 0) {
                    turns.releaseBytes(sender, arrived[stream]);
                    arrived[stream] = 0;
                    messages[stream]--;
                    missing[stream] = messages[stream] > 0 ? messageBytes() : 0;
                }
                receive();
            }

            void receive() {
                goesOn = turns.mayProceed(sender);
                if (goesOn) {
                    credit = WINDOW;
                }
            }
        }
    }
}
