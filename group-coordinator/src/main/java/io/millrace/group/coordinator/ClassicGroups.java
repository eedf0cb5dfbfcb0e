package io.millrace.group.coordinator;

import io.millrace.group.classic.ClassicDescription;
import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.group.classic.ClassicJoin;
import io.millrace.group.classic.ClassicSettings;
import io.millrace.group.classic.ClassicSync;
import io.millrace.group.classic.JoinAnswer;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.group.classic.SyncAnswer;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The requests of members with client-side assignment, as in Kafka's classic protocol. A group is
 * claimed when its first member joins. Any thread; futures complete on the metadata's event loop,
 * never exceptionally.
 */
public final class ClassicGroups {

    /**
     * A member that leaves.
     *
     * @param memberId empty to name a static member by its instance only
     */
    public record Leaving(String memberId, String instanceId) {}

    private final Metadata metadata;
    private final ClaimedGroups groups;
    private final CoordinatorClaims claims;
    private final ClassicSettings settings;
    private final BooleanSupplier isLive;

    ClassicGroups(
            Metadata metadata,
            ClaimedGroups groups,
            CoordinatorClaims claims,
            ClassicSettings settings,
            BooleanSupplier isLive) {
        this.metadata = metadata;
        this.groups = groups;
        this.claims = claims;
        this.settings = settings;
        this.isLive = isLive;
    }

    /** Completes when the rebalance that the request starts or joins has its members. */
    public CompletableFuture<JoinAnswer> join(String group, ClassicJoin request) {
        if (GroupLimits.isLegalId(group) && !settings.allow(request.sessionTimeout())) {
            // Before a claim, which would leave an empty group.
            return CompletableFuture.completedFuture(
                    new JoinAnswer.Refused(
                            request.memberId(), ClassicError.INVALID_SESSION_TIMEOUT));
        }
        CompletableFuture<JoinAnswer> answer = new CompletableFuture<>();
        find(
                group,
                request.memberId().isEmpty(),
                found -> found.join(request, answer::complete),
                error -> answer.complete(new JoinAnswer.Refused(request.memberId(), error)));
        return answer;
    }

    /** Completes when the assignments of the rebalance are in the log. */
    public CompletableFuture<SyncAnswer> sync(String group, ClassicSync request) {
        CompletableFuture<SyncAnswer> answer = new CompletableFuture<>();
        find(
                group,
                false,
                found -> found.sync(request, answer::complete),
                error -> answer.complete(new SyncAnswer.Refused(error)));
        return answer;
    }

    /** Extends the session of a member. Completes with the error, or empty. */
    public CompletableFuture<Optional<ClassicError>> heartbeat(
            String group, MemberOfGeneration member) {
        CompletableFuture<Optional<ClassicError>> answer = new CompletableFuture<>();
        find(
                group,
                false,
                found -> answer.complete(found.heartbeat(member)),
                error -> answer.complete(Optional.of(error)));
        return answer;
    }

    /**
     * Removes members. Completes with the error of each member, or empty; after the last member has
     * left, not before the log has no members.
     */
    public CompletableFuture<List<Optional<ClassicError>>> leave(
            String group, List<Leaving> members) {
        CompletableFuture<List<Optional<ClassicError>>> answer = new CompletableFuture<>();
        find(
                group,
                false,
                found -> {
                    List<Optional<ClassicError>> errors = new ArrayList<>();
                    for (Leaving member : members) {
                        errors.add(found.leave(member.memberId(), member.instanceId()));
                    }
                    found.whenEmpty(() -> answer.complete(errors));
                },
                error -> answer.complete(members.stream().map(any -> Optional.of(error)).toList()));
        return answer;
    }

    /**
     * Checks a commit of a member if this node coordinates the group and its members are classic;
     * otherwise only the log decides. Only on the metadata's event loop.
     */
    public Optional<ClassicError> commit(String group, MemberOfGeneration member) {
        return coordinated(group).flatMap(found -> found.commit(member));
    }

    /**
     * Returns a group with classic members that this node coordinates. Only on the metadata's event
     * loop.
     */
    public Optional<ClassicDescription> describe(String group) {
        return coordinated(group).map(ClassicGroup::describe);
    }

    private Optional<ClassicGroup> coordinated(String group) {
        GroupChangeProposer driver = groups.get(group);
        return driver != null
                        && driver.group() instanceof ClassicCoordinatedGroup known
                        && isActive(driver)
                ? Optional.of(known.members())
                : Optional.empty();
    }

    private boolean isActive(GroupChangeProposer driver) {
        return !groups.isClosing() && isLive.getAsBoolean() && driver.isCoordinator();
    }

    private void find(
            String group,
            boolean mayCreate,
            Consumer<ClassicGroup> found,
            Consumer<ClassicError> refused) {
        metadata.loop().runNowOrLater(() -> new Search(group, mayCreate, found, refused).run(true));
    }

    /** The search for the group of a request. */
    private final class Search {

        private final String group;
        private final boolean mayCreate;
        private final Consumer<ClassicGroup> found;
        private final Consumer<ClassicError> refused;

        Search(
                String group,
                boolean mayCreate,
                Consumer<ClassicGroup> found,
                Consumer<ClassicError> refused) {
            this.group = group;
            this.mayCreate = mayCreate;
            this.found = found;
            this.refused = refused;
        }

        void run(boolean mayClaim) {
            GroupChangeProposer driver = groups.get(group);
            if (driver != null && isActive(driver)) {
                use(driver);
            } else if (!GroupLimits.isLegalId(group)) {
                refused.accept(ClassicError.INVALID_GROUP_ID);
            } else if (!mayClaim
                    || groups.isClosing()
                    || !isLive.getAsBoolean()
                    || claims.classicRejection(group).isPresent()) {
                refused.accept(ClassicError.NOT_COORDINATOR);
            } else if (mayCreate || hasClassicMembers()) {
                claim();
            } else {
                confirmAbsence();
            }
        }

        private void use(GroupChangeProposer driver) {
            switch (driver.group()) {
                case ClassicCoordinatedGroup known -> found.accept(known.members());
                case CoordinatedGroup stream when !mayCreate ->
                        refused.accept(ClassicError.UNKNOWN_MEMBER);
                case CoordinatedGroup stream when driver.isReplaceable() -> {
                    groups.changeKind(group, ClaimedGroups.Kind.CLASSIC);
                    run(false);
                }
                case CoordinatedGroup stream -> refused.accept(ClassicError.INCONSISTENT_PROTOCOL);
            }
        }

        private void claim() {
            groups.claim(
                    group,
                    ClaimedGroups.Kind.CLASSIC,
                    problem ->
                            problem.map(ClassicGroups::error)
                                    .ifPresentOrElse(refused, () -> run(false)));
        }

        /** A lagging copy of the metadata must not deny a member. */
        private void confirmAbsence() {
            metadata.barrier()
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            refused.accept(ClassicError.UNAVAILABLE);
                        } else if (hasClassicMembers()) {
                            claim();
                        } else {
                            refused.accept(ClassicError.UNKNOWN_MEMBER);
                        }
                    });
        }

        private boolean hasClassicMembers() {
            return metadata.groups()
                    .group(group)
                    .filter(known -> known.protocol().equals(ClassicGroup.PROTOCOL))
                    .filter(known -> !known.members().isEmpty())
                    .isPresent();
        }
    }

    private static ClassicError error(Problem problem) {
        return switch (problem.reason()) {
            case NOT_COORDINATOR -> ClassicError.NOT_COORDINATOR;
            case INVALID_GROUP -> ClassicError.INVALID_GROUP_ID;
            case GROUP_LIMIT_REACHED -> ClassicError.GROUP_FULL;
            default -> ClassicError.UNAVAILABLE;
        };
    }
}
