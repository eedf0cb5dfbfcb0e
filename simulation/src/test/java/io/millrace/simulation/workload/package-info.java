@NullMarked
package io.millrace.simulation.workload;

import org.jspecify.annotations.NullMarked;
