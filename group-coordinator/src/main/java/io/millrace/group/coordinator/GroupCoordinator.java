package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.LocalNode;
import io.millrace.group.SessionListener;
import io.millrace.group.TopicAccess;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/**
 * Coordinates the groups claimed by this node: member sessions and, through the log, members and
 * leases. A group is claimed when its first member joins, or when its coordinator has died and left
 * members. A group is released when this node closes, or after 5 minutes without members. Owned by
 * the metadata's event loop.
 */
public final class GroupCoordinator implements GroupSessions {

    private static final Logger LOG = Logger.getLogger(GroupCoordinator.class);

    private static final int ID_BYTES = 16;

    private final Metadata metadata;
    private final EventLoop loop;
    private final LocalNode localNode;
    private final GroupCommits commits;
    private final CoordinatorClaims claims;
    private final JoinAdmission admission;
    private final PausableClock clock = new PausableClock();
    private final TimingWheel deadlines = new TimingWheel();
    private final CoordinatorContext context;
    private final Map<String, GroupChangeProposer> groups = new TreeMap<>();
    private final Map<String, List<JoinAdmission.ValidJoin>> pendingClaims = new TreeMap<>();
    private final GroupMaintenance maintenance;
    private final TopicAccess access;
    private Topics topics = Topics.NONE;
    private Object accessVersion;
    private boolean live;
    private boolean closing;

    /** Creates a coordinator whose members may read all topics. */
    public GroupCoordinator(
            Metadata metadata,
            LocalNode view,
            Function<PartitionId, String> zoneOf,
            GroupCommits commits,
            RandomGenerator random,
            GroupMetrics metrics) {
        this(metadata, view, zoneOf, commits, TopicAccess.ALL, random, metrics);
    }

    /**
     * @param random the source of member ids; must differ at each start
     */
    public GroupCoordinator(
            Metadata metadata,
            LocalNode view,
            Function<PartitionId, String> zoneOf,
            GroupCommits commits,
            TopicAccess access,
            RandomGenerator random,
            GroupMetrics metrics) {
        this.metadata = metadata;
        this.loop = metadata.loop();
        this.localNode = view;
        this.commits = commits;
        this.access = access;
        this.accessVersion = access.version();
        this.claims = new CoordinatorClaims(metadata, view);
        this.maintenance =
                new GroupMaintenance(
                        metadata,
                        claims,
                        Collections.unmodifiableMap(groups),
                        metrics,
                        group -> claim(group, Optional.empty()),
                        group -> {
                            var unused = release(group);
                        });
        this.admission = new JoinAdmission(metadata, this::admit);
        this.context =
                new CoordinatorContext(
                        new MemberTimers(clock, deadlines, view.life()),
                        () -> {
                            byte[] id = new byte[ID_BYTES];
                            random.nextBytes(id);
                            return HexFormat.of().formatHex(id);
                        },
                        zoneOf,
                        this::firstOffset,
                        access,
                        metrics);
    }

    private long firstOffset(PartitionId key) {
        return metadata.view()
                .partition(key.topicId(), key.partition())
                .map(PartitionLog::logStartOffset)
                .orElse(0L);
    }

    /** Starts the coordinator. Any thread. */
    public void open() {
        loop.runNowOrLater(() -> {
            metadata.addListener(this::groupChanged);
            topics = metadata.topics();
            maintenance.start(loop.nanoTime());
            tick();
        });
    }

    @Override
    public GroupSession join(JoinRequest request, SessionListener listener) {
        LocalSession session =
                new LocalSession(
                        request,
                        listener,
                        commits,
                        () -> isActiveCoordinator(request.group()),
                        metadata::barrier);
        loop.execute(() -> receive(session));
        return session;
    }

    private boolean isActiveCoordinator(String group) {
        GroupChangeProposer driver = groups.get(group);
        return !closing
                && driver != null
                && localNode.isLive().getAsBoolean()
                && driver.isCoordinator();
    }

    private void receive(LocalSession session) {
        JoinRequest request = session.request();
        GroupChangeProposer driver = groups.get(request.group());
        if (driver != null) {
            driver.group().members().received(request.memberId());
        }
        // A claim that is already in flight is no barrier for this request.
        admission.admit(session, driver != null || pendingClaims.containsKey(request.group()));
    }

    private void admit(JoinAdmission.ValidJoin caller) {
        LocalSession session = caller.session();
        String group = caller.group();
        GroupChangeProposer driver = groups.get(group);
        if (session.isEnded()) {
            return;
        }
        if (closing) {
            session.end(claims.notCoordinator(group));
        } else if (driver != null && driver.isCoordinator()) {
            driver.group().members().join(session, caller.topicMatcher());
        } else {
            claims.rejection(group)
                    .ifPresentOrElse(session::end, () -> claim(group, Optional.of(caller)));
        }
    }

    private void claim(String group, Optional<JoinAdmission.ValidJoin> caller) {
        List<JoinAdmission.ValidJoin> waiting = pendingClaims.get(group);
        if (waiting != null) {
            caller.ifPresent(waiting::add);
            return;
        }
        List<JoinAdmission.ValidJoin> first = new ArrayList<>();
        caller.ifPresent(first::add);
        pendingClaims.put(group, first);
        stopCoordinating(group);
        claims.claim(group)
                .thenAccept(problem -> {
                    List<JoinAdmission.ValidJoin> callers = pendingClaims.remove(group);
                    if (problem.isEmpty()) {
                        startCoordinating(group);
                        if (closing) {
                            release(group);
                        }
                    }
                    for (JoinAdmission.ValidJoin join :
                            callers == null ? List.<JoinAdmission.ValidJoin>of() : callers) {
                        problem.ifPresentOrElse(join.session()::end, () -> admit(join));
                    }
                });
    }

    private void startCoordinating(String group) {
        metadata.groups()
                .group(group)
                .filter(now -> now.coordinator().isPresent())
                .filter(now -> now.coordinator().getAsLong() == metadata.incarnation())
                .ifPresent(now -> {
                    LOG.debugf("coordinates group %s with %d members", group, now.members().size());
                    groups.put(group, new GroupChangeProposer(metadata, now, context));
                });
    }

    private void groupChanged(String group) {
        GroupChangeProposer driver = groups.get(group);
        if (driver != null) {
            if (driver.isCoordinator()) {
                driver.changed();
            } else {
                stopCoordinating(group);
            }
        }
    }

    private void stopCoordinating(String group) {
        GroupChangeProposer driver = groups.remove(group);
        if (driver != null) {
            driver.stop();
            driver.group().members().end(claims.notCoordinator(group));
        }
    }

    private void tick() {
        if (closing) {
            return;
        }
        // Schedule first: session timeouts must run even if the code below throws.
        loop.schedule(PausableClock.TICK, this::tick);
        boolean liveNow = localNode.isLive().getAsBoolean();
        boolean again = liveNow && !live;
        live = liveNow;
        clock.advance(loop.nanoTime(), liveNow);
        deadlines.advance(clock.now());
        // One incarnation claimed all groups; if closed, all of them are lost.
        groups.values().stream()
                .findFirst()
                .filter(any -> !any.isCoordinator())
                .ifPresent(closed -> List.copyOf(groups.keySet()).forEach(this::stopIfLost));
        if (topics != metadata.topics() || accessVersion != access.version()) {
            topics = metadata.topics();
            accessVersion = access.version();
            groups.values().forEach(driver -> driver.group().topicsChanged());
        }
        if (again) {
            groups.values().forEach(driver -> driver.group().members().acknowledgeAll());
        }
        maintenance.advance(loop.nanoTime());
    }

    private void stopIfLost(String group) {
        GroupChangeProposer driver = groups.get(group);
        if (driver != null && !driver.isCoordinator()) {
            stopCoordinating(group);
        }
    }

    /**
     * Releases all groups and rejects further joins. Any thread.
     *
     * @return completes on the event loop when the releases are applied or have failed
     */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            closing = true;
            List<CompletableFuture<Void>> released = new ArrayList<>();
            List.copyOf(groups.keySet()).forEach(group -> released.add(release(group)));
            CompletableFuture.allOf(released.toArray(CompletableFuture[]::new))
                    .thenAccept(closed::complete);
        });
        return closed;
    }

    private CompletableFuture<Void> release(String group) {
        GroupChangeProposer driver = groups.get(group);
        if (driver == null) {
            return CompletableFuture.completedFuture(null);
        }
        driver.stop();
        return claims.release(driver.group()).thenAccept(done -> stopCoordinating(group));
    }
}
