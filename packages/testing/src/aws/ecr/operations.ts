import { getAuthorizationToken, getPublicAuthorizationToken } from './authorization-token.js';
import type { EcrOperation } from './call.js';
import {
  batchCheckLayerAvailability,
  batchCheckPublicLayerAvailability,
  describeImages,
  describePublicImages,
  listImages,
} from './images.js';
import {
  createPublicRepository,
  describePublicRepositories,
  describeRegistries,
  getRepositoryCatalogData,
  putRepositoryCatalogData,
} from './public-repositories.js';
import { createRepository, describeRepositories } from './repositories.js';

type Operations = Readonly<Record<string, EcrOperation>>;

/** By the second part of `X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.…`. */
export const privateOperations: Operations = {
  GetAuthorizationToken: getAuthorizationToken,
  CreateRepository: createRepository,
  DescribeRepositories: describeRepositories,
  DescribeImages: describeImages,
  ListImages: listImages,
  BatchCheckLayerAvailability: batchCheckLayerAvailability,
};

/** By the second part of `X-Amz-Target: SpencerFrontendService.…`. */
export const publicOperations: Operations = {
  GetAuthorizationToken: getPublicAuthorizationToken,
  CreateRepository: createPublicRepository,
  DescribeRepositories: describePublicRepositories,
  DescribeRegistries: describeRegistries,
  DescribeImages: describePublicImages,
  BatchCheckLayerAvailability: batchCheckPublicLayerAvailability,
  PutRepositoryCatalogData: putRepositoryCatalogData,
  GetRepositoryCatalogData: getRepositoryCatalogData,
};
