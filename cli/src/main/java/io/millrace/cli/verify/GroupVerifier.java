package io.millrace.cli.verify;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.RatePacer;
import io.millrace.cli.verify.proof.GroupCommits;
import io.millrace.cli.verify.proof.Violation;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupDescription;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topic of a run as a consumer group with one member, which commits some of its positions
 * and is replaced every few seconds. Between members, and at the end through each server, compares
 * the group's committed offsets with the acknowledged commits. {@link #run} is for one thread.
 */
@SystemAccess("reads the clock and waits between members")
final class GroupVerifier implements Runnable {

    private static final Duration MEMBER_LIFE = Duration.ofSeconds(5);
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);
    private static final long PAUSE_NANOS = 50_000_000;
    private static final long RETRY_NANOS = 500_000_000;

    private final VerifyRun.Plan plan;
    private final String group;
    private final MillraceClient cluster;
    private final VerifiedServers servers;
    private final VerificationState state;
    private final CompletableFuture<List<Long>> ends;
    private final List<GroupCommits> commits;
    private final AtomicLong acknowledged = new AtomicLong();
    private final boolean mayMiss;
    private int members;

    /**
     * @param ends for each partition, the end offset of the read
     */
    GroupVerifier(
            VerifyRun.Plan plan,
            MillraceClient cluster,
            VerifiedServers servers,
            VerificationState state,
            CompletableFuture<List<Long>> ends) {
        this.plan = plan;
        this.group = "verify-%016x".formatted(plan.run());
        this.cluster = cluster;
        this.servers = servers;
        this.state = state;
        this.ends = ends;
        this.mayMiss = plan.maySkipRemoved() || plan.keys().isCompacted();
        this.commits =
                IntStream.range(0, state.partitions())
                        .mapToObj(partition -> new GroupCommits(partition, mayMiss))
                        .toList();
    }

    /** Returns the number of acknowledged commits. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Returns the number of members so far; once {@link #run} has returned. */
    int members() {
        return members;
    }

    @Override
    public void run() {
        try {
            long startNanos = RatePacer.now();
            do {
                boolean lives = runMember();
                compareCommitted(servers.client(members));
                members++;
                if (lives) {
                    startNanos = RatePacer.now();
                } else if (ends.isDone() && mayMiss) {
                    // The rest was removed.
                    break;
                } else if (RatePacer.now() - startNanos > plan.patience().toNanos()) {
                    throw new CommandFailedException(
                            "Group %s received nothing for %d s."
                                    .formatted(group, plan.patience().toSeconds()));
                }
            } while (!state.isOver() && !isDone());
            for (int i = 0; i < servers.count() && !state.isOver(); i++) {
                compareCommitted(servers.client(i));
            }
            if (!state.isOver()) {
                cluster.groups().delete(group);
            }
        } catch (RuntimeException failed) {
            state.reportFailure(failed);
        }
    }

    /** Runs a member until its time is over. Returns whether the member received a record. */
    private boolean runMember() {
        long before = positions();
        for (GroupCommits own : commits) {
            synchronized (own) {
                own.assigned();
            }
        }
        SubscriptionSettings settings =
                SubscriptionSettings.of(group, List.of(plan.topic()))
                        .commitManually()
                        .sessionTimeout(SESSION_TIMEOUT)
                        .build();
        List<CompletableFuture<Void>> pending = new ArrayList<>();
        try (Subscription member = cluster.subscribe(settings, this::handle, listener())) {
            long startNanos = RatePacer.now();
            long committedNanos = startNanos;
            // The last member commits all positions.
            while (!state.isOver()
                    && !member.done().isDone()
                    && !isDone()
                    && (ends.isDone() || RatePacer.now() - startNanos < MEMBER_LIFE.toNanos())) {
                LockSupport.parkNanos(PAUSE_NANOS);
                if (RatePacer.now() - committedNanos > RETRY_NANOS) {
                    committedNanos = RatePacer.now();
                    commitAll(member, pending);
                }
                if (RatePacer.now() - startNanos > plan.patience().toNanos()) {
                    break;
                }
            }
            if (isDone()) {
                commitAll(member, pending);
            }
            pending.forEach(GroupVerifier::await);
        } catch (MillraceException failed) {
            // The next member continues; what counts is what it receives.
            LockSupport.parkNanos(RETRY_NANOS);
        }
        return positions() > before;
    }

    private SubscriptionListener listener() {
        return new SubscriptionListener() {
            @Override
            public void assigned(Subscription member, List<Assignment> partitions) {
                for (Assignment each : partitions) {
                    GroupCommits own = commits.get(each.partition().partition());
                    synchronized (own) {
                        own.assigned();
                    }
                }
            }
        };
    }

    private void handle(ReadBatch batch, Subscription member) {
        GroupCommits own = commits.get(batch.partition().partition());
        synchronized (own) {
            report(own.delivered(batch.firstOffset(), batch.nextOffset()));
        }
    }

    private void commitAll(Subscription member, List<CompletableFuture<Void>> pending) {
        for (int partition = 0; partition < commits.size(); partition++) {
            GroupCommits own = commits.get(partition);
            long offset;
            synchronized (own) {
                offset = own.committable();
                if (offset < 0) {
                    continue;
                }
                own.committing(offset);
            }
            pending.add(
                    member.commit(new TopicPartition(plan.topic(), partition), offset)
                            .thenRun(() -> {
                                acknowledged.incrementAndGet();
                                synchronized (own) {
                                    own.committed(offset);
                                }
                            }));
        }
    }

    private static void await(CompletableFuture<Void> commit) {
        try {
            commit.join();
        } catch (CompletionException refused) {
            // Not acknowledged: the commit may or may not be stored.
            return;
        }
    }

    private void compareCommitted(MillraceClient client) {
        @Nullable GroupDescription found = describe(client);
        for (int partition = 0; found != null && partition < commits.size(); partition++) {
            TopicPartition id = new TopicPartition(plan.topic(), partition);
            OptionalLong committed =
                    found.partitions().stream()
                            .filter(each -> each.id().equals(id))
                            .map(GroupDescription.Partition::committed)
                            .findFirst()
                            .orElse(OptionalLong.empty());
            GroupCommits own = commits.get(partition);
            synchronized (own) {
                report(own.observed(committed));
            }
        }
    }

    private @Nullable GroupDescription describe(MillraceClient client) {
        long startNanos = RatePacer.now();
        while (!state.isOver()) {
            try {
                return client.groups().describe(group);
            } catch (MillraceException failed) {
                boolean patient = RatePacer.now() - startNanos < plan.patience().toNanos();
                if (members == 0 && acknowledged.get() == 0 && !failed.retriable()) {
                    return null; // The group may not exist before its first member.
                }
                if (!failed.retriable() || !patient) {
                    throw failed;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
        return null;
    }

    private void report(@Nullable Violation wrong) {
        if (wrong != null) {
            state.reportViolation(wrong);
        }
    }

    /** Returns whether the group has received all records. */
    private boolean isDone() {
        List<Long> known = ends.getNow(List.of());
        if (!ends.isDone()) {
            return false;
        }
        for (int partition = 0; partition < known.size(); partition++) {
            // A partition without records of the run or before delivers nothing.
            if (known.get(partition) > 0 && nextOf(partition) < known.get(partition)) {
                return false;
            }
        }
        return true;
    }

    private long positions() {
        return IntStream.range(0, commits.size()).mapToLong(this::nextOf).sum();
    }

    private long nextOf(int partition) {
        GroupCommits own = commits.get(partition);
        synchronized (own) {
            return own.next();
        }
    }
}
