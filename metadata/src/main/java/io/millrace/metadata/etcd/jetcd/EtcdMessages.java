package io.millrace.metadata.etcd.jetcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.millrace.metadata.etcd.Etcd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Converts between the port's values and etcd's messages. */
final class EtcdMessages {

    private EtcdMessages() {}

    static ByteString bytes(String key) {
        return ByteString.copyFromUtf8(key);
    }

    static TxnRequest txn(
            List<Etcd.Condition> conditions, List<Etcd.Op> then, List<Etcd.Op> otherwise) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        conditions.forEach(condition -> txn.addCompare(compare(condition)));
        then.forEach(op -> txn.addSuccess(op(op)));
        otherwise.forEach(op -> txn.addFailure(op(op)));
        return txn.build();
    }

    private static Compare compare(Etcd.Condition condition) {
        Compare.Builder compare = Compare.newBuilder();
        return switch (condition) {
            case Etcd.Condition.ValueIs is ->
                    compare.setKey(bytes(is.key()))
                            .setTarget(CompareTarget.VALUE)
                            .setResult(CompareResult.EQUAL)
                            .setValue(ByteString.copyFrom(is.value()))
                            .build();
            case Etcd.Condition.ValueAbove above ->
                    compare.setKey(bytes(above.key()))
                            .setTarget(CompareTarget.VALUE)
                            .setResult(CompareResult.GREATER)
                            .setValue(ByteString.copyFrom(above.value()))
                            .build();
            case Etcd.Condition.Absent absent ->
                    compare.setKey(bytes(absent.key()))
                            .setTarget(CompareTarget.VERSION)
                            .setResult(CompareResult.EQUAL)
                            .setVersion(0)
                            .build();
            case Etcd.Condition.UnchangedSince since ->
                    compare.setKey(bytes(since.key()))
                            .setTarget(CompareTarget.MOD)
                            .setResult(CompareResult.EQUAL)
                            .setModRevision(since.modRevision())
                            .build();
        };
    }

    private static RequestOp op(Etcd.Op op) {
        RequestOp.Builder request = RequestOp.newBuilder();
        return switch (op) {
            case Etcd.Op.Put put ->
                    request.setRequestPut(
                                    PutRequest.newBuilder()
                                            .setKey(bytes(put.key()))
                                            .setValue(ByteString.copyFrom(put.value()))
                                            .setLease(put.lease().orElse(0)))
                            .build();
            case Etcd.Op.Get get ->
                    request.setRequestRange(RangeRequest.newBuilder().setKey(bytes(get.key())))
                            .build();
            case Etcd.Op.Delete delete ->
                    request.setRequestDeleteRange(
                                    DeleteRangeRequest.newBuilder()
                                            .setKey(bytes(delete.from()))
                                            .setRangeEnd(bytes(delete.end())))
                            .build();
        };
    }

    static Etcd.TxnResult result(TxnResponse response) {
        List<Optional<Etcd.KeyValue>> gets = new ArrayList<>();
        for (ResponseOp op : response.getResponsesList()) {
            if (op.hasResponseRange()) {
                gets.add(
                        op.getResponseRange().getKvsList().stream()
                                .findFirst()
                                .map(EtcdMessages::keyValue));
            }
        }
        return new Etcd.TxnResult(
                response.getSucceeded(), response.getHeader().getRevision(), List.copyOf(gets));
    }

    static RangeRequest range(String from, String end, long revision, int limit) {
        return RangeRequest.newBuilder()
                .setKey(bytes(from))
                .setRangeEnd(bytes(end))
                .setRevision(revision)
                .setLimit(limit)
                .build();
    }

    static Etcd.Page page(RangeResponse response) {
        return new Etcd.Page(
                response.getKvsList().stream().map(EtcdMessages::keyValue).toList(),
                response.getHeader().getRevision(),
                response.getMore());
    }

    static Etcd.KeyValue keyValue(io.etcd.jetcd.api.KeyValue stored) {
        return new Etcd.KeyValue(
                stored.getKey().toStringUtf8(),
                stored.getValue().toByteArray(),
                stored.getCreateRevision(),
                stored.getModRevision(),
                stored.getVersion());
    }
}
