package io.millrace.client;

import io.grpc.stub.StreamObserver;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.CommitGroupOffsetsResponse;
import io.millrace.protocol.v1.DeleteGroupRequest;
import io.millrace.protocol.v1.DeleteGroupResponse;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.DescribeGroupResponse;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.protocol.v1.ListGroupsRequest;
import io.millrace.protocol.v1.ListGroupsResponse;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The Groups service of the fake server: serves given groups, and records the requested changes.
 * Thread-safe.
 */
public final class FakeGroups extends GroupsGrpc.GroupsImplBase {

    private final NavigableMap<String, DescribeGroupResponse> groups = new TreeMap<>();
    private final List<ResetGroupOffsetsRequest> resets = new ArrayList<>();
    private final List<CommitGroupOffsetsRequest> commits = new ArrayList<>();
    private ResetGroupOffsetsResponse moved = ResetGroupOffsetsResponse.getDefaultInstance();
    private CommitGroupOffsetsResponse stored = CommitGroupOffsetsResponse.getDefaultInstance();
    private CompletableFuture<Void> unanswered = CompletableFuture.completedFuture(null);

    FakeGroups() {}

    /** Adds or replaces a group. */
    public synchronized void put(DescribeGroupResponse group) {
        groups.put(group.getSummary().getGroup(), group);
    }

    /** Sets the response to resets. */
    public synchronized void answerResets(ResetGroupOffsetsResponse answer) {
        moved = answer;
    }

    /** Sets the response to commits. */
    public synchronized void answerCommits(CommitGroupOffsetsResponse answer) {
        stored = answer;
    }

    /**
     * Applies the next reset without ever responding. Returns a future that completes when the
     * reset is applied.
     */
    public synchronized CompletableFuture<Void> leaveNextResetUnanswered() {
        unanswered = new CompletableFuture<>();
        return unanswered;
    }

    /** Returns the requested resets, including dry runs. */
    public synchronized List<ResetGroupOffsetsRequest> resets() {
        return List.copyOf(resets);
    }

    public synchronized List<CommitGroupOffsetsRequest> commits() {
        return List.copyOf(commits);
    }

    @Override
    public synchronized void listGroups(
            ListGroupsRequest request, StreamObserver<ListGroupsResponse> answer) {
        ListGroupsResponse.Builder response = ListGroupsResponse.newBuilder();
        for (DescribeGroupResponse group : groups.tailMap(request.getPageToken(), false).values()) {
            if (response.getGroupsCount() == FakeAdmin.PAGE_SIZE) {
                response.setNextPageToken(response.getGroups(FakeAdmin.PAGE_SIZE - 1).getGroup());
                break;
            }
            response.addGroups(group.getSummary());
        }
        reply(answer, response.build());
    }

    @Override
    public synchronized void describeGroup(
            DescribeGroupRequest request, StreamObserver<DescribeGroupResponse> answer) {
        DescribeGroupResponse group = groups.get(request.getGroup());
        if (group == null) {
            answer.onError(unknown(request.getGroup()));
        } else {
            reply(answer, group);
        }
    }

    @Override
    public synchronized void deleteGroup(
            DeleteGroupRequest request, StreamObserver<DeleteGroupResponse> answer) {
        if (groups.remove(request.getGroup()) == null) {
            answer.onError(unknown(request.getGroup()));
        } else {
            reply(answer, DeleteGroupResponse.getDefaultInstance());
        }
    }

    @Override
    public synchronized void resetGroupOffsets(
            ResetGroupOffsetsRequest request, StreamObserver<ResetGroupOffsetsResponse> answer) {
        resets.add(request);
        if (unanswered.isDone()) {
            reply(answer, moved);
        } else {
            unanswered.complete(null);
        }
    }

    @Override
    public synchronized void commitGroupOffsets(
            CommitGroupOffsetsRequest request, StreamObserver<CommitGroupOffsetsResponse> answer) {
        commits.add(request);
        reply(answer, stored);
    }

    private static RuntimeException unknown(String group) {
        return FakeServer.failure(
                new Problem(Reason.UNKNOWN_GROUP, "There is no group " + group + "."));
    }

    private static <A> void reply(StreamObserver<A> answer, A value) {
        answer.onNext(value);
        answer.onCompleted();
    }
}
