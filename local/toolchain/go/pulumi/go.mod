module local/toolchain/pulumi

go 1.25.6

require (
	github.com/pulumi/pulumi/pkg/v3 v3.225.0
	github.com/pulumi/pulumi/sdk/v3 v3.225.0
)

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
