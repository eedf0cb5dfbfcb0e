package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Coordinates the groups that this node claimed: the sessions of their members, and through the log
 * their members and leases. A group is claimed when its first member comes, or when its coordinator
 * is gone and left members; it is given up when it had no members for a while, so that it may go
 * where the next member finds it by the nodes of that day, and when this node goes. Owned by the
 * metadata's loop.
 */
public final class GroupCoordinator implements GroupSessions {

    private static final Logger LOG = Logger.getLogger(GroupCoordinator.class);

    /** How long a group without members is kept: longer than a restart of its members. */
    static final Duration EMPTY_FOR = Duration.ofMinutes(5);

    /** How often groups are looked for that nobody coordinates. */
    static final Duration ORPHANS_EVERY = Duration.ofSeconds(5);

    private static final int ID_BYTES = 16;

    private final Metadata metadata;
    private final Loop loop;
    private final NodeView view;
    private final GroupCommits commits;
    private final GroupMetrics metrics;
    private final Claims claims;
    private final SessionClock clock = new SessionClock();
    private final Deadlines deadlines = new Deadlines();
    private final Surroundings around;
    private final Map<String, GroupDriver> groups = new TreeMap<>();
    private final Map<String, Long> emptySinceNanos = new TreeMap<>();
    private final Map<String, List<Entry>> claiming = new TreeMap<>();
    private Topics topics = Topics.NONE;
    private long orphansNanos;
    private boolean live;
    private boolean closing;

    /** Somebody who waits at the door. */
    private record Entry(LocalSession session, Interest interest) {}

    /**
     * @param zoneOf where a partition is best read; empty if that makes no difference
     * @param random for ids of members: must differ at each start
     */
    public GroupCoordinator(
            Metadata metadata,
            NodeView view,
            Function<PartitionKey, String> zoneOf,
            GroupCommits commits,
            RandomGenerator random,
            GroupMetrics metrics) {
        this.metadata = metadata;
        this.loop = metadata.loop();
        this.view = view;
        this.commits = commits;
        this.metrics = metrics;
        this.claims = new Claims(metadata, view);
        this.around =
                new Surroundings(
                        new MemberTimers(clock, deadlines, view.life()),
                        () -> {
                            byte[] id = new byte[ID_BYTES];
                            random.nextBytes(id);
                            return HexFormat.of().formatHex(id);
                        },
                        zoneOf,
                        metrics);
    }

    /** Begins. Any thread. */
    public void open() {
        loop.run(() -> {
            metadata.addListener(this::groupChanged);
            topics = metadata.topics();
            orphansNanos = loop.nanoTime();
            tick();
        });
    }

    @Override
    public Session join(JoinRequest request, SessionListener listener) {
        LocalSession session =
                new LocalSession(request, listener, commits, () -> speaksFor(request.group()));
        loop.execute(() -> receive(session));
        return session;
    }

    private boolean speaksFor(String group) {
        GroupDriver driver = groups.get(group);
        return !closing && driver != null && view.isLive().getAsBoolean() && driver.isCoordinator();
    }

    private void receive(LocalSession session) {
        JoinRequest request = session.request();
        Optional<Problem> refusal = Entrance.refusal(request);
        if (refusal.isPresent()) {
            session.end(refusal.get());
            return;
        }
        Interest interest;
        try {
            interest = new Interest(request.details().subscription());
        } catch (ProblemException malformed) {
            session.end(malformed.problem());
            return;
        }
        Entry entry = new Entry(session, interest);
        GroupDriver driver = groups.get(request.group());
        boolean goesOn = !request.memberId().isEmpty();
        if (goesOn && driver != null) {
            driver.group().heard(request.memberId());
        }
        // What it committed, through whatever node, must be seen before it is told where to go on.
        if ((goesOn && driver != null) || interest.unknownAmong(metadata.topics()).isPresent()) {
            metadata.barrier()
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            place(entry);
                        } else {
                            session.end(problem(failure));
                        }
                    });
        } else {
            place(entry);
        }
    }

    private static Problem problem(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ProblemException known
                ? known.problem()
                : new Problem(Reason.METADATA_UNAVAILABLE, "The metadata log cannot be reached.");
    }

    private void place(Entry entry) {
        LocalSession session = entry.session();
        String group = session.request().group();
        Optional<String> unknown = entry.interest().unknownAmong(metadata.topics());
        if (session.isOver()) {
            return;
        }
        if (closing) {
            session.end(claims.notCoordinator(group));
        } else if (session.request().memberId().isEmpty() && unknown.isPresent()) {
            session.end(
                    new Problem(
                            Reason.UNKNOWN_TOPIC,
                            "There is no topic %s for group %s: create it first."
                                    .formatted(unknown.get(), group)));
        } else if (groups.containsKey(group) && groups.get(group).isCoordinator()) {
            groups.get(group).group().join(session, entry.interest()).ifPresent(session::end);
        } else {
            claims.refusal(group)
                    .ifPresentOrElse(session::end, () -> claim(group, Optional.of(entry)));
        }
    }

    private void claim(String group, Optional<Entry> entry) {
        List<Entry> waiting = claiming.get(group);
        if (waiting != null) {
            entry.ifPresent(waiting::add);
            return;
        }
        List<Entry> first = new ArrayList<>();
        entry.ifPresent(first::add);
        claiming.put(group, first);
        depose(group);
        claims.claim(group)
                .thenAccept(problem -> {
                    List<Entry> entries = claiming.remove(group);
                    if (problem.isEmpty()) {
                        begin(group);
                        if (closing) {
                            release(group);
                        }
                    }
                    for (Entry one : entries == null ? List.<Entry>of() : entries) {
                        problem.ifPresentOrElse(one.session()::end, () -> place(one));
                    }
                });
    }

    private void begin(String group) {
        metadata.groups()
                .group(group)
                .filter(now -> now.coordinator().isPresent())
                .filter(now -> now.coordinator().getAsLong() == metadata.incarnation())
                .ifPresent(now -> {
                    LOG.debugf("coordinates group %s of %d members", group, now.members().size());
                    groups.put(group, new GroupDriver(metadata, now, around));
                });
    }

    private void groupChanged(String group) {
        GroupDriver driver = groups.get(group);
        if (driver != null) {
            if (driver.isCoordinator()) {
                driver.changed();
            } else {
                depose(group);
            }
        }
    }

    private void depose(String group) {
        GroupDriver driver = groups.remove(group);
        if (driver != null) {
            driver.stop();
            driver.group().end(claims.notCoordinator(group));
        }
    }

    private void tick() {
        if (closing) {
            return;
        }
        boolean liveNow = view.isLive().getAsBoolean();
        boolean again = liveNow && !live;
        live = liveNow;
        clock.advance(loop.nanoTime(), liveNow);
        deadlines.advance(clock.now());
        // All groups were claimed by one incarnation: where it is closed, none of them is left.
        groups.values().stream()
                .findFirst()
                .filter(any -> !any.isCoordinator())
                .ifPresent(closed -> List.copyOf(groups.keySet()).forEach(this::deposeIfLost));
        if (topics != metadata.topics()) {
            topics = metadata.topics();
            groups.values().forEach(driver -> driver.group().topicsChanged());
        }
        if (again) {
            groups.values().forEach(driver -> driver.group().answerAll());
        }
        if (loop.nanoTime() - orphansNanos >= ORPHANS_EVERY.toNanos()) {
            orphansNanos = loop.nanoTime();
            adoptOrphans();
            releaseEmpty();
            count();
        }
        loop.schedule(SessionClock.TICK, this::tick);
    }

    private void deposeIfLost(String group) {
        GroupDriver driver = groups.get(group);
        if (driver != null && !driver.isCoordinator()) {
            depose(group);
        }
    }

    private void adoptOrphans() {
        for (String id : metadata.groups().ids()) {
            metadata.groups()
                    .group(id)
                    .filter(claims::isOrphanForThisNode)
                    .ifPresent(group -> claim(group.id(), Optional.empty()));
        }
    }

    private void releaseEmpty() {
        emptySinceNanos.keySet().retainAll(groups.keySet());
        for (GroupDriver driver : List.copyOf(groups.values())) {
            String group = driver.group().id();
            if (!driver.isIdle()) {
                emptySinceNanos.remove(group);
            } else if (loop.nanoTime()
                            - emptySinceNanos.computeIfAbsent(group, any -> loop.nanoTime())
                    >= EMPTY_FOR.toNanos()) {
                release(group);
            }
        }
    }

    private void count() {
        metrics.sizes(
                groups.size(),
                groups.values().stream().mapToLong(driver -> driver.group().size()).sum());
    }

    /**
     * Gives all groups up, so that others can go on with them at once, and takes no more. Any
     * thread.
     *
     * @return completes on the loop when the others know
     */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.run(() -> {
            closing = true;
            List<CompletableFuture<Void>> released = new ArrayList<>();
            List.copyOf(groups.keySet()).forEach(group -> released.add(release(group)));
            CompletableFuture.allOf(released.toArray(CompletableFuture[]::new))
                    .thenAccept(closed::complete);
        });
        return closed;
    }

    private CompletableFuture<Void> release(String group) {
        GroupDriver driver = groups.get(group);
        if (driver == null) {
            return CompletableFuture.completedFuture(null);
        }
        driver.stop();
        return claims.release(driver.group()).thenAccept(done -> depose(group));
    }
}
