package io.millrace.client;

import io.grpc.stub.StreamObserver;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.BucketObject;
import io.millrace.protocol.v1.BucketObjectStatus;
import io.millrace.protocol.v1.CheckBucketRequest;
import io.millrace.protocol.v1.CheckBucketResponse;
import io.millrace.protocol.v1.ObjectCondition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fake of bucket checks with results set by the test; reports no objects by default. */
final class FakeBucket extends BucketGrpc.BucketImplBase {

    private record End(List<String> objects, Problem problem) {}

    private volatile @Nullable End end;

    void ends(List<String> objects, Problem with) {
        end = new End(objects, with);
    }

    @Override
    public void checkBucket(
            CheckBucketRequest request, StreamObserver<CheckBucketResponse> answer) {
        End now = end;
        if (now == null) {
            answer.onCompleted();
            return;
        }
        CheckBucketResponse.Builder found = CheckBucketResponse.newBuilder();
        for (String name : now.objects()) {
            found.addObjects(
                    BucketObject.newBuilder()
                            .setName(name)
                            .setSizeBytes(10)
                            .setStatus(BucketObjectStatus.REFERENCED)
                            .setCondition(ObjectCondition.SOUND)
                            .setExplanation("Named."));
        }
        answer.onNext(found.build());
        answer.onError(FakeServer.failure(now.problem()));
    }
}
