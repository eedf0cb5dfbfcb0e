package io.millrace.it.requests;

import static org.junit.platform.commons.support.AnnotationSupport.isAnnotated;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.ClusterTemplate;
import org.apache.kafka.common.test.api.ClusterTest;
import org.apache.kafka.common.test.api.ClusterTests;
import org.apache.kafka.common.test.junit.ClusterTestExtensions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/**
 * Gives each test of a cluster a running server. Kafka's extension reads the annotations of the
 * tests; its clusters are never started.
 */
public final class RunningClusterExtension implements TestTemplateInvocationContextProvider {
    private final ClusterTestExtensions kafka = new ClusterTestExtensions();

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        // Kafka's extension accepts every template, also the repeated tests of other extensions.
        return context.getTestMethod()
                .filter(method ->
                        isAnnotated(method, ClusterTest.class)
                                || isAnnotated(method, ClusterTests.class)
                                || isAnnotated(method, ClusterTemplate.class))
                .isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
            ExtensionContext context) {
        // Kafka repeats a test for several arrangements of brokers and controllers, which are the
        // same here.
        Map<String, ClusterConfig> configs = new TreeMap<>();
        kafka.provideTestTemplateInvocationContexts(context)
                .map(RunningClusterExtension::config)
                .forEach(config -> configs.putIfAbsent(key(config), config));
        return configs.values().stream().map(Invocation::new);
    }

    private static String key(ClusterConfig config) {
        return new TreeMap<>(config.serverProperties())
                + " "
                + new TreeMap<>(config.features())
                + " "
                + config.brokerSecurityProtocol();
    }

    private static ClusterConfig config(TestTemplateInvocationContext context) {
        try {
            var field = context.getClass().getDeclaredField("clusterConfig");
            field.setAccessible(true);
            return (ClusterConfig) field.get(context);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Kafka's extension has no configuration.", e);
        }
    }

    private record Invocation(ClusterConfig config) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int index) {
            return new TreeMap<>(config.serverProperties()).toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new OneCluster(config));
        }
    }

    private static final class OneCluster
            implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
        private final ClusterConfig config;
        private final RunningServer server;
        private final RunningCluster cluster;

        OneCluster(ClusterConfig config) {
            this.config = config;
            this.server = RunningServer.start(config.serverProperties());
            this.cluster = new RunningCluster(config, server);
        }

        @Override
        public void beforeEach(ExtensionContext context) {}

        @Override
        public void afterEach(ExtensionContext context) {
            server.close();
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ClusterInstance.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return cluster;
        }
    }
}
