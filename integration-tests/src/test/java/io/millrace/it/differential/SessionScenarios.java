package io.millrace.it.differential;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Fetch sessions: full and incremental fetches, and requests that do not fit their session. */
final class SessionScenarios {

    private static final short ALL = -1;
    private static final int FIRST = 7;
    private static final int NEWEST = ApiKeys.FETCH.latestVersion();
    private static final int NO_SESSION = 0;
    private static final int BEGIN = 0;
    private static final int END = -1;
    private static final int LIMIT = 1 << 20;

    private final Side side;
    private final int version;
    private final String label;
    private int session;
    private int epoch;

    private SessionScenarios(Side side, int version, String label) {
        this.side = side;
        this.version = version;
        this.label = label;
    }

    /** A partition with the offset to fetch from. */
    private record Place(Requests.Target target, long offset, int maxBytes) {}

    private static Place at(Requests.Target target, long offset) {
        return new Place(target, offset, LIMIT);
    }

    private FetchRequestData request(int id, int sessionEpoch, Place... places) {
        var request =
                new FetchRequestData()
                        .setMaxWaitMs(0)
                        .setMinBytes(0)
                        .setMaxBytes(LIMIT)
                        .setSessionId(id)
                        .setSessionEpoch(sessionEpoch);
        for (Place place : places) {
            request.topics()
                    .add(
                            new FetchTopic()
                                    .setTopic(place.target().topic())
                                    .setTopicId(place.target().id())
                                    .setPartitions(
                                            List.of(
                                                    new FetchPartition()
                                                            .setPartition(
                                                                    place.target().partition())
                                                            .setFetchOffset(place.offset())
                                                            .setPartitionMaxBytes(
                                                                    place.maxBytes()))));
        }
        return request;
    }

    private static ForgottenTopic forgotten(Requests.Target target, Integer... partitions) {
        return new ForgottenTopic()
                .setTopic(target.topic())
                .setTopicId(target.id())
                .setPartitions(List.of(partitions));
    }

    private FetchResponseData send(String step, FetchRequestData request) {
        return (FetchResponseData)
                side.call(label + ", " + step, ApiKeys.FETCH, version, request).orElseThrow();
    }

    /** Begins a session. */
    private void begin(String step, Place... places) {
        var answer = send(step, request(NO_SESSION, BEGIN, places));
        session = answer.sessionId();
        epoch = 1;
    }

    /** Sends the next request of the session. */
    private void next(String step, Place... places) {
        next(step, request(session, epoch, places));
    }

    private void next(String step, FetchRequestData request) {
        if (send(step, request).errorCode() == Errors.NONE.code()) {
            epoch++;
        }
    }

    private void produce(Requests.Target target, String value) {
        side.quietly(ApiKeys.PRODUCE, 13, Requests.produce(target, ALL, Requests.batch(value)));
    }

    /** Runs all scenarios with the first version, the last by names, and the newest. */
    static void sessions(Side side) {
        for (int version : new int[] {FIRST, 12, 13, NEWEST}) {
            increments(side, version);
            mistakes(side, version);
            errors(side, version);
            limits(side, version);
        }
        for (int version = FIRST; version <= NEWEST; version++) {
            String topic = "session-each-" + version;
            var target = Requests.Target.of(topic, side.createTopic(topic, 1));
            var session = new SessionScenarios(side, version, topic);
            session.begin("begin", at(target, 0));
            session.produce(target, "x");
            session.next("data");
            session.next("moved", at(target, 1));
            session.next("nothing");
        }
        kinds(side);
    }

    private static Requests.Target[] targets(Side side, String topic, int partitions) {
        Uuid id = side.createTopic(topic, partitions);
        var targets = new Requests.Target[partitions];
        Arrays.setAll(targets, partition -> new Requests.Target(topic, id, partition));
        return targets;
    }

    private static void increments(Side side, int version) {
        String topic = "session-increments-" + version;
        Requests.Target[] targets = targets(side, topic, 3);
        var session = new SessionScenarios(side, version, topic);
        session.produce(targets[0], "first");
        session.begin("begin", at(targets[0], 0), at(targets[1], 0));
        session.next("the same again");
        session.next("moved", at(targets[0], 1));
        session.next("nothing");
        session.produce(targets[1], "second");
        session.next("new data");
        session.next("new partition", at(targets[2], 0));
        session.produce(targets[0], "third");
        session.produce(targets[2], "fourth");
        session.next("data of two", at(targets[1], 1));
        var forget = session.request(session.session, session.epoch, at(targets[2], 1));
        forget.forgottenTopicsData().add(forgotten(targets[0], 0));
        session.next("forget one", forget);
        session.next("without the forgotten");
        var again = session.request(session.session, session.epoch);
        again.forgottenTopicsData().add(forgotten(targets[0], 0, 7));
        session.next("forget missing ones", again);
        session.next("named again", at(targets[0], 0));
        var both = session.request(session.session, session.epoch, at(targets[1], 0));
        both.forgottenTopicsData().add(forgotten(targets[1], 1));
        session.next("forget and name one", both);
        session.next("after both");
        var all = session.request(session.session, session.epoch);
        all.forgottenTopicsData().add(forgotten(targets[0], 0, 1, 2));
        session.next("forget all", all);
        session.next("after all");
        session.next("after a session was emptied", at(targets[0], 0));
    }

    private static void mistakes(Side side, int version) {
        String topic = "session-mistakes-" + version;
        Requests.Target[] targets = targets(side, topic, 2);
        var session = new SessionScenarios(side, version, topic);
        session.produce(targets[0], "first");
        session.begin("begin", at(targets[0], 0), at(targets[1], 0));
        int id = session.session;
        for (int wrong : new int[] {2, 3, -2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            session.send("epoch " + wrong, session.request(id, wrong));
        }
        session.next("right epoch");
        session.send("epoch before", session.request(id, 1));
        for (int unknown : new int[] {NO_SESSION, -1, 7}) {
            session.send("session " + unknown, session.request(unknown, 1, at(targets[0], 0)));
            session.send(
                    "end of session " + unknown, session.request(unknown, END, at(targets[0], 0)));
        }
        session.send("unknown session", session.request(id ^ 1, 1, at(targets[0], 0)));
        var begun =
                session.send("begin unknown", session.request(id ^ 1, BEGIN, at(targets[0], 0)));
        session.send("follow", session.request(begun.sessionId(), 1, at(targets[0], 1)));
        session.next("still there");
        session.send("end", session.request(id, END, at(targets[1], 0)));
        session.send("after the end", session.request(id, session.epoch));
        session.send("end again", session.request(id, END, at(targets[1], 0)));
        session.begin("begin with one", at(targets[0], 0));
        var replaced =
                session.send("replace", session.request(session.session, BEGIN, at(targets[1], 0)));
        session.send("replaced", session.request(session.session, session.epoch));
        session.send("replacement", session.request(replaced.sessionId(), 1, at(targets[0], 1)));
        var empty = session.send("begin without partitions", session.request(NO_SESSION, BEGIN));
        session.send("nothing", session.request(empty.sessionId(), 1));
        session.send("end without partitions", session.request(NO_SESSION, END));
        var forget = session.request(NO_SESSION, BEGIN, at(targets[0], 0), at(targets[1], 0));
        forget.forgottenTopicsData().add(forgotten(targets[0], 0));
        session.send("forget in a full fetch", forget);
        session.send(
                "partition twice",
                session.request(NO_SESSION, BEGIN, at(targets[0], 0), at(targets[0], 1)));
    }

    private static void errors(Side side, int version) {
        String topic = "session-errors-" + version;
        Requests.Target[] targets = targets(side, topic, 2);
        Uuid unknown = Uuid.fromString("AAAABBBBCCCCDDDDEEEEFF");
        side.answers().name(unknown.toString(), "unknown id");
        var missing = new Requests.Target("session-missing", unknown, 0);
        var session = new SessionScenarios(side, version, topic);
        session.produce(targets[0], "first");
        session.begin(
                "begin",
                at(targets[0], 5),
                at(targets[1], 0),
                at(new Requests.Target(topic, targets[0].id(), 9), 0),
                at(missing, 0));
        session.next("again");
        session.next("mended", at(targets[0], 1));
        session.next("out of range", at(targets[1], 3));
        var forget = session.request(session.session, session.epoch);
        forget.forgottenTopicsData().add(forgotten(missing, 0));
        forget.forgottenTopicsData().add(forgotten(targets[0], 9));
        session.next("forgotten", forget);
        session.next("back", at(targets[1], 0));
        session.next("quiet");
        var stale = session.request(session.session, session.epoch, at(targets[0], 0));
        stale.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(1000);
        session.next("epoch of the leader to come", stale);
        side.quietly(
                ApiKeys.DELETE_TOPICS,
                5,
                new DeleteTopicsRequestData().setTopicNames(List.of(topic)).setTimeoutMs(30_000));
        side.settle();
        session.next("topic deleted");
        session.next("still deleted");
    }

    /** Partitions take turns when not all fit into an answer. */
    private static void limits(Side side, int version) {
        String topic = "session-limits-" + version;
        Requests.Target[] targets = targets(side, topic, 3);
        var session = new SessionScenarios(side, version, topic);
        for (Requests.Target target : targets) {
            session.produce(target, "x".repeat(1000));
        }
        var first =
                session.request(
                        NO_SESSION, BEGIN, at(targets[0], 0), at(targets[1], 0), at(targets[2], 0));
        session.session = session.send("one of three", first.setMaxBytes(10)).sessionId();
        session.epoch = 1;
        for (int i = 0; i < 4; i++) {
            var request = session.request(session.session, session.epoch);
            session.next("turn " + i, request.setMaxBytes(10));
        }
        session.next("all");
    }

    /** Sessions by name and by id are of two kinds. */
    private static void kinds(Side side) {
        Requests.Target[] targets = targets(side, "session-kinds", 2);
        var byName = new SessionScenarios(side, 12, "by name");
        var byId = new SessionScenarios(side, 13, "by id");
        byName.begin("begin", at(targets[0], 0));
        byId.begin("begin", at(targets[0], 0));
        byId.send("of a session by name", byId.request(byName.session, 1, at(targets[1], 0)));
        byName.send("of a session by id", byName.request(byId.session, 1, at(targets[1], 0)));
        byId.send("empty, of a session by name", byId.request(byName.session, 1));
        byName.next("own session");
        byId.next("own session");
    }
}
