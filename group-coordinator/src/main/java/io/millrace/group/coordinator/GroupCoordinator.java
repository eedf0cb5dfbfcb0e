package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.LocalNode;
import io.millrace.group.SessionListener;
import io.millrace.group.TopicAccess;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.group.classic.ClassicSettings;
import io.millrace.group.timing.PausableClock;
import io.millrace.group.timing.Timeouts;
import io.millrace.group.timing.TimingWheel;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.runtime.loop.EventLoop;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Coordinates the groups claimed by this node: member sessions and, through the log, members and
 * leases. A group is claimed when its first member joins, or when its coordinator has died and left
 * members. A group is released when this node closes, or after 5 minutes without members. Owned by
 * the metadata's event loop.
 */
public final class GroupCoordinator implements GroupSessions {

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
    private final ClaimedGroups groups;
    private final ClassicGroups classicGroups;
    private final GroupMaintenance maintenance;
    private final TopicAccess access;
    private Topics topics = Topics.NONE;
    private Object accessVersion;
    private boolean live;

    /** Creates a coordinator whose members may read all topics. */
    public GroupCoordinator(
            Metadata metadata,
            LocalNode view,
            Function<PartitionId, String> zoneOf,
            GroupCommits commits,
            RandomGenerator random,
            GroupMetrics metrics) {
        this(
                metadata,
                view,
                zoneOf,
                commits,
                TopicAccess.ALL,
                ClassicSettings.DEFAULT,
                random,
                metrics);
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
            ClassicSettings classicSettings,
            RandomGenerator random,
            GroupMetrics metrics) {
        this.metadata = metadata;
        this.loop = metadata.loop();
        this.localNode = view;
        this.commits = commits;
        this.access = access;
        this.accessVersion = access.version();
        this.claims = new CoordinatorClaims(metadata, view);
        Supplier<String> ids =
                () -> {
                    byte[] id = new byte[ID_BYTES];
                    random.nextBytes(id);
                    return HexFormat.of().formatHex(id);
                };
        this.context =
                new CoordinatorContext(
                        new MemberTimers(clock, deadlines, view.life()),
                        ids,
                        zoneOf,
                        this::firstOffset,
                        access,
                        metrics);
        Timeouts timeouts = new Timeouts(clock, deadlines);
        this.groups =
                new ClaimedGroups(
                        metadata,
                        claims,
                        (now, kind) ->
                                new GroupChangeProposer(
                                        metadata,
                                        now,
                                        metrics,
                                        unsettled ->
                                                switch (kindOf(now, kind)) {
                                                    case STREAM ->
                                                            new CoordinatedGroup(
                                                                    now, context, unsettled);
                                                    case CLASSIC ->
                                                            new ClassicCoordinatedGroup(
                                                                    now,
                                                                    new ClassicGroup(
                                                                            now,
                                                                            classicSettings,
                                                                            timeouts,
                                                                            view.life(),
                                                                            ids,
                                                                            unsettled),
                                                                    metrics);
                                                }));
        this.classicGroups =
                new ClassicGroups(metadata, groups, claims, classicSettings, view.isLive());
        this.maintenance =
                new GroupMaintenance(
                        metadata,
                        claims,
                        groups.byId(),
                        metrics,
                        group -> groups.claim(group, ClaimedGroups.Kind.STREAM, problem -> {}),
                        group -> {
                            var unused = groups.release(group);
                        });
        this.admission = new JoinAdmission(metadata, this::admit);
    }

    private static ClaimedGroups.Kind kindOf(Group now, ClaimedGroups.Kind wanted) {
        if (now.members().isEmpty()) {
            return wanted;
        }
        return now.protocol().equals(ClassicGroup.PROTOCOL)
                ? ClaimedGroups.Kind.CLASSIC
                : ClaimedGroups.Kind.STREAM;
    }

    private long firstOffset(PartitionId key) {
        return metadata.view()
                .partition(key.topicId(), key.partition())
                .map(PartitionLog::logStartOffset)
                .orElse(0L);
    }

    /** Returns the groups with client-side assignment. */
    public ClassicGroups classicGroups() {
        return classicGroups;
    }

    /** Starts the coordinator. Any thread. */
    public void open() {
        loop.runNowOrLater(() -> {
            metadata.addListener(groups::changed);
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
        return !groups.isClosing()
                && driver != null
                && localNode.isLive().getAsBoolean()
                && driver.isCoordinator();
    }

    private void receive(LocalSession session) {
        JoinRequest request = session.request();
        GroupChangeProposer driver = groups.get(request.group());
        if (driver != null && driver.group() instanceof CoordinatedGroup known) {
            known.members().received(request.memberId());
        }
        // A claim that is already in flight is no barrier for this request.
        admission.admit(session, driver != null || groups.isPending(request.group()));
    }

    private void admit(JoinAdmission.ValidJoin caller) {
        LocalSession session = caller.session();
        String group = caller.group();
        GroupChangeProposer driver = groups.get(group);
        if (session.isEnded()) {
            return;
        }
        if (groups.isClosing()) {
            session.end(claims.notCoordinator(group));
        } else if (driver != null && driver.isCoordinator()) {
            join(caller, driver);
        } else {
            claims.rejection(group)
                    .ifPresentOrElse(
                            session::end,
                            () ->
                                    groups.claim(
                                            group,
                                            ClaimedGroups.Kind.STREAM,
                                            problem ->
                                                    problem.ifPresentOrElse(
                                                            session::end, () -> admit(caller))));
        }
    }

    private void join(JoinAdmission.ValidJoin caller, GroupChangeProposer driver) {
        switch (driver.group()) {
            case CoordinatedGroup known ->
                    known.members().join(caller.session(), caller.topicMatcher());
            case ClassicCoordinatedGroup classic when driver.isReplaceable() -> {
                groups.changeKind(caller.group(), ClaimedGroups.Kind.STREAM);
                admit(caller);
            }
            case ClassicCoordinatedGroup classic ->
                    JoinValidator.protocolMismatch(caller.group(), ClassicGroup.PROTOCOL)
                            .ifPresent(caller.session()::end);
        }
    }

    private void tick() {
        if (groups.isClosing()) {
            return;
        }
        // Schedule first: session timeouts must run even if the code below throws.
        loop.schedule(PausableClock.TICK, this::tick);
        boolean liveNow = localNode.isLive().getAsBoolean();
        boolean again = liveNow && !live;
        live = liveNow;
        clock.advance(loop.nanoTime(), liveNow);
        deadlines.advance(clock.now());
        groups.stopLost();
        if (topics != metadata.topics() || accessVersion != access.version()) {
            topics = metadata.topics();
            accessVersion = access.version();
            groups.all().forEach(driver -> driver.group().topicsChanged());
        }
        if (again) {
            groups.all().forEach(driver -> driver.group().resumed());
        }
        maintenance.advance(loop.nanoTime());
    }

    /**
     * Releases all groups and rejects further joins. Any thread.
     *
     * @return completes on the event loop when the releases are applied or have failed
     */
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            var unused = groups.close().thenAccept(closed::complete);
        });
        return closed;
    }
}
