package io.millrace.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicDeletionHandlerTest {

    private AdministeredCluster cluster = new AdministeredCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static DeleteTopicState named(String name) {
        return new DeleteTopicState().setName(name);
    }

    private static DeleteTopicState withId(Uuid id) {
        return new DeleteTopicState().setName(null).setTopicId(id);
    }

    private List<DeletableTopicResult> delete(DeleteTopicState... topics) {
        return List.copyOf(
                cluster.call(
                                ApiKeys.DELETE_TOPICS,
                                new DeleteTopicsRequestData().setTopics(List.of(topics)),
                                DeleteTopicsResponseData.class)
                        .responses());
    }

    private List<Errors> errors(DeleteTopicState... topics) {
        return delete(topics).stream().map(result -> Errors.forCode(result.errorCode())).toList();
    }

    @Test
    void deletesByNameInEveryVersion() {
        for (short version : ApiKeys.DELETE_TOPICS.allVersions()) {
            cluster.fixture.createTopic("t", 1);
            DeleteTopicsRequestData request = new DeleteTopicsRequestData();
            if (version < 6) {
                request.setTopicNames(List.of("t", "none"));
            } else {
                request.setTopics(List.of(named("t"), named("none")));
            }
            DeleteTopicsResponseData answer =
                    cluster.call(
                            ApiKeys.DELETE_TOPICS,
                            version,
                            request,
                            DeleteTopicsResponseData.class);
            assertThat(answer.responses())
                    .extracting(DeletableTopicResult::errorCode)
                    .containsExactly(Errors.NONE.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            assertThat(cluster.exists("t")).isFalse();
        }
    }

    @Test
    void deletesById() {
        Topic topic = cluster.fixture.createTopic("t", 1);
        Uuid id = AdministeredCluster.IDS.of(topic);

        List<DeletableTopicResult> results = delete(withId(id), withId(new Uuid(1, topic.id())));

        assertThat(results)
                .extracting(DeletableTopicResult::errorCode)
                .containsExactly(Errors.NONE.code(), Errors.UNKNOWN_TOPIC_ID.code());
        assertThat(results.getFirst().name()).isEqualTo("t");
        assertThat(results.getFirst().topicId()).isEqualTo(id);
        assertThat(cluster.exists("t")).isFalse();
    }

    @Test
    void aTopicThatIsNamedTwiceIsKept() {
        Topic topic = cluster.fixture.createTopic("t", 1);
        Uuid id = AdministeredCluster.IDS.of(topic);

        assertThat(errors(named("t"), named("t"))).containsExactly(Errors.INVALID_REQUEST);
        assertThat(errors(named("t"), withId(id))).containsExactly(Errors.INVALID_REQUEST);
        assertThat(errors(withId(id), withId(id))).containsExactly(Errors.INVALID_REQUEST);
        assertThat(cluster.exists("t")).isTrue();
    }

    @Test
    void aTopicIsGivenEitherByNameOrById() {
        Topic topic = cluster.fixture.createTopic("t", 1);

        assertThat(errors(named("t").setTopicId(AdministeredCluster.IDS.of(topic))))
                .containsExactly(Errors.INVALID_REQUEST);
        assertThat(errors(withId(Uuid.ZERO_UUID))).containsExactly(Errors.INVALID_REQUEST);
        assertThat(cluster.exists("t")).isTrue();
    }

    @Test
    void theRightToDeleteIsNeeded() {
        cluster.close();
        cluster = AdministeredCluster.secured();
        Topic topic = cluster.fixture.createTopic("t", 1);
        Uuid id = AdministeredCluster.IDS.of(topic);

        List<DeletableTopicResult> results = delete(withId(id));
        assertThat(results)
                .extracting(DeletableTopicResult::errorCode)
                .containsExactly(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        assertThat(results.getFirst().name()).isNull();
        assertThat(errors(named("t"), named("hidden")))
                .containsOnly(Errors.TOPIC_AUTHORIZATION_FAILED);
        assertThat(cluster.exists("t")).isTrue();

        cluster.allow(Operation.DELETE, ResourceType.TOPIC, "t");
        assertThat(errors(named("t"))).containsExactly(Errors.NONE);
    }
}
